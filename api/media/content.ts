import { stat } from 'node:fs/promises';
import { fileTypeFromFile } from 'file-type';
import { AppError } from '../shared/errors';

/** What the first bytes of a file say. */
export type Content = { bytes: number; extension: string; mimeType: string };

/**
 * Tells what a file is by its first bytes, never by its name. Throws EmptyFile, PlaylistNotMedia
 * or NotMedia.
 */
export async function readContent(path: string): Promise<Content> {
  const { size } = await stat(path);
  if (size === 0)
    throw new AppError({ code: 'EmptyFile', message: 'The file is empty. Export or download it again.' });
  const head = new Uint8Array(await Bun.file(path).slice(0, 1024).arrayBuffer());
  const text = decodedText(head);
  if (text !== null && /^\s*#EXTM3U|^ffconcat|<MPD[\s>]/.test(text)) {
    throw new AppError({
      code: 'PlaylistNotMedia',
      message:
        'This is a playlist that points at other files, not media itself. Send the video or song it leads to.',
    });
  }
  const type = await fileTypeFromFile(path);
  if (type !== undefined) return { bytes: size, extension: type.ext, mimeType: type.mime };
  // MP3 and AAC may begin with silence or a tag that file-type does not know; the probe decides.
  if (text === null) return { bytes: size, extension: 'bin', mimeType: 'application/octet-stream' };
  throw new AppError({
    code: 'NotMedia',
    message: 'This is a text file, not media. Choose a video, song or picture file.',
  });
}

/** The bytes as text, or null when they hold control bytes that text never has. */
function decodedText(bytes: Uint8Array): string | null {
  const isBinary = bytes.some((byte) => byte < 9 || (byte > 13 && byte < 32 && byte !== 27));
  return isBinary ? null : new TextDecoder().decode(bytes);
}
