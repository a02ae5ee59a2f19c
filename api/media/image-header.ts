/**
 * Width and height of a PNG, JPEG or WebP from its header, without decoding it: the size must be
 * known before anything allocates memory for the pixels. Null when the header is not as it should be.
 */
export async function readImageSize(path: string): Promise<{ width: number; height: number } | null> {
  // A JPEG's size stands behind its EXIF and colour profile, which rarely pass 1 MB together.
  const bytes = new Uint8Array(await Bun.file(path).slice(0, 4_000_000).arrayBuffer());
  const view = new DataView(bytes.buffer);
  if (bytes.length < 30) return null;
  if (view.getUint32(0) === 0x89504e47) return { width: view.getUint32(16), height: view.getUint32(20) };
  if (view.getUint16(0) === 0xffd8) return jpegSize(view);
  if (view.getUint32(0) === 0x52494646 && view.getUint32(8) === 0x57454250) return webpSize(view);
  return null;
}

/** Walks the JPEG segments to the frame header (SOF0 to SOF15 but DHT, JPG and DAC). */
function jpegSize(view: DataView): { width: number; height: number } | null {
  let at = 2;
  while (at + 9 < view.byteLength) {
    if (view.getUint8(at) !== 0xff) return null;
    const marker = view.getUint8(at + 1);
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
      return { width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
    }
    at += 2 + view.getUint16(at + 2);
  }
  return null;
}

/** The three kinds of WebP: extended, lossless, lossy (RFC 9649). */
function webpSize(view: DataView): { width: number; height: number } | null {
  const kind = view.getUint32(12);
  const uint24 = (at: number) => view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
  if (kind === 0x56503858) return { width: uint24(24) + 1, height: uint24(27) + 1 };
  if (kind === 0x5650384c) {
    const bits = view.getUint32(21, true);
    return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
  }
  if (kind === 0x56503820) {
    return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
  }
  return null;
}

/**
 * The EXIF orientation of a JPEG, 1 (upright) to 8: phones store the picture as the sensor saw it
 * and tell viewers to turn it. 1 for everything that does not say.
 */
export async function readImageOrientation(path: string): Promise<number> {
  const bytes = Buffer.from(await Bun.file(path).slice(0, 200_000).arrayBuffer());
  const exif = bytes.indexOf('Exif\0\0', 0, 'latin1');
  if (bytes.length < 4 || bytes.readUInt16BE(0) !== 0xffd8 || exif < 0 || exif + 14 > bytes.length) return 1;
  const tiff = exif + 6;
  const littleEndian = bytes.toString('latin1', tiff, tiff + 2) === 'II';
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const directory = tiff + view.getUint32(tiff + 4, littleEndian);
  if (directory + 2 > bytes.length) return 1;
  const entries = view.getUint16(directory, littleEndian);
  for (let entry = 0; entry < entries; entry++) {
    const at = directory + 2 + entry * 12;
    if (at + 12 > bytes.length) return 1;
    // Tag 0x0112 is Orientation, a 16-bit number.
    if (view.getUint16(at, littleEndian) !== 0x0112) continue;
    const value = view.getUint16(at + 8, littleEndian);
    return value >= 1 && value <= 8 ? value : 1;
  }
  return 1;
}
