import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { chmod, mkdir, readdir } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { limitedCommand } from '../shared/limited-command';
import { checkClip, checkImage, checkSong } from './check';
import { runFfmpeg } from './ffmpeg.runner';
import type { MediaTools } from './media.types';
import { readMp4Claims } from './mp4.claims';
import { normaliseClip } from './normalise';
import { ffmpeg, output, testFolder, testTools } from './testing/tools';

setDefaultTimeout(120_000);

let tools: MediaTools;
let folder: Awaited<ReturnType<typeof testFolder>>;
let plain: Buffer;
beforeAll(async () => {
  tools = await testTools();
  folder = await testFolder();
  const sources = ['-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=25:duration=2'];
  const sound = ['-f', 'lavfi', '-i', 'sine=440:duration=2'];
  await ffmpeg(tools, [...sources, ...sound, '-pix_fmt', 'yuv420p', '-g', '10', folder.path('plain.mp4')]);
  plain = Buffer.from(await Bun.file(folder.path('plain.mp4')).bytes());
});
afterAll(() => folder.remove());

/** A file of these bytes; the plain clip changed by `change`. */
async function trap(name: string, change: (clip: Buffer) => Buffer | undefined): Promise<string> {
  const clip = Buffer.from(plain);
  const path = folder.path(name);
  await Bun.write(path, change(clip) ?? clip);
  return path;
}

/** How a check ends, in how many seconds, and by how many MB this process grew meanwhile. */
async function outcome(check: () => Promise<unknown>) {
  const before = process.memoryUsage().rss;
  let peak = before;
  const watch = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage().rss);
  }, 10);
  const started = performance.now();
  const thrown: unknown = await check().then(
    () => null,
    (error: unknown) => error,
  );
  clearInterval(watch);
  return {
    code: thrown instanceof Error ? thrown.name : null,
    message: thrown instanceof Error ? thrown.message : '',
    seconds: (performance.now() - started) / 1000,
    megabytes: (peak - before) / 1e6,
  };
}

/** Puts boxes into the first track's index, behind all of it. */
function withMoreTracks(clip: Buffer, count: number): Buffer {
  const moov = clip.indexOf('moov') - 4;
  const moovBytes = clip.readUInt32BE(moov);
  const trak = clip.indexOf('trak', moov) - 4;
  const copies = Buffer.concat(
    Array<Buffer>(count).fill(clip.subarray(trak, trak + clip.readUInt32BE(trak))),
  );
  clip.writeUInt32BE(moovBytes + copies.length, moov);
  const end = moov + moovBytes;
  return Buffer.concat([clip.subarray(0, end), copies, clip.subarray(end)]);
}

const box = (type: string, ...parts: (Buffer | number)[]): Buffer => {
  const body = Buffer.concat(
    parts.map((part) => {
      if (typeof part !== 'number') return part;
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(part);
      return bytes;
    }),
  );
  const head = Buffer.alloc(8);
  head.writeUInt32BE(body.length + 8);
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, body]);
};

describe('an index that claims what can not be is refused at once, without reserving memory for it', () => {
  const claims: Record<string, (clip: Buffer) => Buffer | undefined> = {
    'a billion frames of one byte each': (clip) => {
      const at = clip.indexOf('stsz');
      clip.writeUInt32BE(1, at + 8);
      clip.writeUInt32BE(1_000_000_000, at + 12);
      return undefined;
    },
    'a billion frames in one chunk': (clip) => {
      clip.writeUInt32BE(1, clip.indexOf('stsz') + 8);
      clip.writeUInt32BE(1_000_000_000, clip.indexOf('stsz') + 12);
      clip.writeUInt32BE(1_000_000_000, clip.indexOf('stts') + 12);
      clip.writeUInt32BE(1_000_000_000, clip.indexOf('stsc') + 16);
      return undefined;
    },
    'a billion frames in one run of equal durations': (clip) => {
      clip.writeUInt32BE(1_000_000_000, clip.indexOf('stts') + 12);
      return undefined;
    },
    'a billion frames in a fragment': (clip) =>
      Buffer.concat([clip, box('moof', box('traf', box('tfhd', 0, 1), box('trun', 0, 1_000_000_000)))]),
  };
  for (const [name, change] of Object.entries(claims)) {
    test(name, async () => {
      const path = await trap('claims.mp4', change);
      const { code, message, seconds, megabytes } = await outcome(() => checkClip(tools, path));
      expect({ code, message }).toEqual({ code: 'DamagedMedia', message: expect.stringContaining('claims') });
      expect(seconds).toBeLessThan(2);
      expect(megabytes).toBeLessThan(100);
      expect((await outcome(() => checkSong(tools, path))).code).toBe('DamagedMedia');
    });
  }

  test('three thousand tracks', async () => {
    const path = await trap('tracks.mp4', (clip) => withMoreTracks(clip, 3000));
    expect(await outcome(() => checkClip(tools, path))).toMatchObject({
      code: 'TooManyTracks',
      message: expect.stringContaining('3002 tracks'),
    });
    // ffmpeg itself opens none of it either.
    const opened = runFfmpeg(tools, {
      step: 'Open',
      args: ['-protocol_whitelist', 'file,pipe', '-max_streams', '200', '-i', path, '-f', 'null', '-'],
      timeLimitSeconds: 30,
    });
    await expect(opened).rejects.toThrow();
  });

  test('a table that says it has two billion rows', async () => {
    const path = await trap('rows.mp4', (clip) => {
      clip.writeUInt32BE(0x7fffffff, clip.indexOf('stts') + 8);
      return undefined;
    });
    const { code, megabytes } = await outcome(() => checkClip(tools, path));
    expect(code).toBeOneOf(['MediaNeedsTooMuchMemory', 'DamagedMedia']);
    expect(megabytes).toBeLessThan(100);
  });

  test('an ordinary clip claims what it has', async () => {
    const claimed = await readMp4Claims(folder.path('plain.mp4'));
    // 50 frames and the packets of two seconds of sound.
    expect(claimed).toMatchObject({ tracks: 2, samples: 50 + 88 });
    expect((await checkClip(tools, folder.path('plain.mp4'))).video.frames).toBe(50);
  });
});

describe('pictures', () => {
  test('a clip whose frames are larger than its header says is not decoded', async () => {
    // 8208 × 8208 in the stream, 320 × 180 in the index.
    const large = folder.path('large.mp4');
    const black = ['-f', 'lavfi', '-i', 'color=black:size=8208x8208:rate=25', '-frames:v', '1'];
    await ffmpeg(tools, [...black, '-c:v', 'libx264', '-preset', 'ultrafast', '-threads', '1', large]);
    const bytes = Buffer.from(await Bun.file(large).bytes());
    const entry = bytes.indexOf('avc1', bytes.indexOf('stsd')) + 4;
    bytes.writeUInt16BE(320, entry + 24);
    bytes.writeUInt16BE(180, entry + 26);
    const path = folder.path('lying.mp4');
    await Bun.write(path, bytes);
    const { code, message } = await outcome(() => checkClip(tools, path));
    expect(code).toBeOneOf(['DamagedMedia', 'PictureTooLarge', 'MediaNeedsTooMuchMemory']);
    expect(message).not.toContain(folder.path(''));
  });

  test('picture bombs are refused by their headers', async () => {
    const png = Buffer.from(
      await output([
        ...[tools.ffmpegPath, '-v', 'error', '-f', 'lavfi', '-i', 'color=black:size=64x64', '-frames:v', '1'],
        ...['-f', 'image2pipe', '-c:v', 'png', '-'],
      ]),
    );
    for (const [width, height] of [
      [60_000, 60_000],
      [0x7fffffff, 1],
      [16_385, 16],
    ] as const) {
      png.writeUInt32BE(width, 16);
      png.writeUInt32BE(height, 20);
      await Bun.write(folder.path('bomb.png'), png);
      expect(await outcome(() => checkImage(tools, folder.path('bomb.png')))).toMatchObject({
        code: expect.stringMatching(/^Picture(TooLarge|TooSmall)$/),
      });
    }
  });
});

test('subtitles and attachments are left out: nothing of them is opened, run or written', async () => {
  await mkdir(folder.path('attached'), { recursive: true });
  await Bun.write(folder.path('attached/list.m3u8'), '#EXTM3U\nfile:///etc/passwd\n');
  await Bun.write(
    folder.path('attached/words.srt'),
    '1\n00:00:00,000 --> 00:00:01,000\nfile:///etc/passwd\n',
  );
  const source = folder.path('attached/source.mkv');
  await ffmpeg(tools, [
    ...['-i', folder.path('plain.mp4'), '-i', folder.path('attached/words.srt')],
    ...['-map', '0', '-map', '1', '-c:v', 'copy', '-c:a', 'copy', '-c:s', 'srt'],
    ...['-attach', folder.path('attached/list.m3u8'), '-metadata:s:t', 'mimetype=application/octet-stream'],
    ...['-metadata:s:t', 'filename=/etc/cron.d/songreel', source],
  ]);
  expect((await checkClip(tools, source)).video.frames).toBe(50);
  const outputPath = folder.path('attached/take.mp4');
  const format = { width: 320, height: 180, fps: 25 as const };
  await normaliseClip(tools, { sourcePath: source, outputPath, format }, {});
  expect(await readMp4Claims(outputPath)).toMatchObject({ tracks: 2 });
  expect((await readdir(folder.path('attached'))).sort()).toEqual([
    'list.m3u8',
    'source.mkv',
    'take.mp4',
    'words.srt',
  ]);
  expect(await Bun.file('/etc/cron.d/songreel').exists()).toBe(false);
});

describe('no network', () => {
  let listener: Server;
  let connections = 0;
  let port = 0;
  beforeAll(async () => {
    listener = createServer((socket) => {
      connections += 1;
      socket.destroy();
    });
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    const address = listener.address();
    port = typeof address === 'object' && address !== null ? address.port : 0;
  });
  afterAll(() => {
    listener.close();
  });

  test('files that point elsewhere are refused, and nobody is called', async () => {
    const at = `127.0.0.1:${port}`;
    const pointers: Record<string, string | Buffer> = {
      'list.mp4': `#EXTM3U\n#EXTINF:1,\nhttp://${at}/a.ts\n`,
      'utf8.mp4': `\ufeff#EXTM3U\n#EXTINF:1,\nhttp://${at}/a.ts\n`,
      'concat.mov': `ffconcat version 1.0\nfile http://${at}/a.mp4\n`,
      'dash.mp4': `<?xml version="1.0"?><MPD><Period><AdaptationSet><Representation><BaseURL>http://${at}/</BaseURL></Representation></AdaptationSet></Period></MPD>`,
      'session.mp4': `v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video ${port} RTP/AVP 96\na=rtpmap:96 H264/90000\n`,
      'vector.png': `<svg xmlns="http://www.w3.org/2000/svg"><image href="http://${at}/x.png" width="9" height="9"/></svg>`,
      // The clip's data in another file, as QuickTime allows.
      'reference.mov': withReference(plain, `http://${at}/data.mp4`),
    };
    for (const [name, bytes] of Object.entries(pointers)) {
      const path = folder.path(name);
      await Bun.write(path, bytes);
      for (const check of [checkClip, checkSong, checkImage]) {
        const { code } = await outcome(() => check(tools, path));
        if (name !== 'reference.mov') expect({ name, code }).not.toEqual({ name, code: null });
      }
    }
    expect(connections).toBe(0);
  });
});

/** Marks the first track's data reference as being elsewhere, at `url`. */
function withReference(clip: Buffer, url: string): Buffer {
  const changed = Buffer.from(clip);
  const at = changed.indexOf('url ', changed.indexOf('dref'));
  // Flag 1 says "in this file"; without it the reference counts.
  changed.writeUInt32BE(0, at + 4);
  return Buffer.concat([changed, Buffer.from(url)]);
}

describe('the system’s own limits', () => {
  test('memory: a run that needs more than it may fails, and only because of that', async () => {
    const decode = (memoryBytes: number) =>
      // The clip of 8208 × 8208 from above, whose frames take 100 MB each.
      runFfmpeg(
        { ...tools, memoryBytes },
        {
          step: 'Decode',
          args: ['-threads', '1', '-i', folder.path('large.mp4'), '-f', 'null', '-'],
          timeLimitSeconds: 60,
        },
      );
    // Where ffmpeg does not say that it was the memory, it says that it could not decode.
    expect((await outcome(() => decode(300_000_000))).code).toBeOneOf([
      'MediaNeedsTooMuchMemory',
      'MediaStepFailed',
    ]);
    expect((await decode(4e9)).frames).toBe(1);
  });

  test('output: a program that reports nothing is stopped by the system', async () => {
    const quiet = folder.path('quiet.sh');
    await Bun.write(quiet, '#!/bin/sh\nexec head -c 30000000 /dev/zero > "$3"\n');
    await chmod(quiet, 0o755);
    const target = folder.path('grown.bin');
    const command = limitedCommand([quiet, 'a', 'b', target], { memoryBytes: 1e9, fileBytes: 5_000_000 });
    const child = Bun.spawn(command, { stderr: 'ignore' });
    expect(await child.exited).not.toBe(0);
    expect(Bun.file(target).size).toBeLessThanOrEqual(5_000_512);
  });

  test('priority: a program gives way to requests', async () => {
    const niceness = async (command: string[]) => Number(new TextDecoder().decode(await output(command)));
    const own = await niceness(['nice']);
    const limited = await niceness(limitedCommand(['nice'], { memoryBytes: 1e9 }));
    expect(limited).toBe(Math.min(19, own + 10));
  });

  test('secrets: a program sees no key of the studio', async () => {
    const command = limitedCommand(['/usr/bin/env'], { memoryBytes: 1e9 });
    const child = Bun.spawn(command, {
      env: { PATH: '/usr/bin:/bin', AWS_SECRET_ACCESS_KEY: 'secret', API_TOKENS: 'secret' },
      stdout: 'pipe',
    });
    const seen = await new Response(child.stdout).text();
    expect(seen).toContain('PATH=');
    expect(seen).not.toContain('secret');
  });
});
