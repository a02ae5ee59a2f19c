import { describe, expect, test } from 'bun:test';
import { linesOf } from '../../../process/process.messages';
import { soundArguments } from '../audio/sound.decoder';
import { decodeArguments } from './frame.decoder';
import { encodeArguments } from './frame.encoder';

describe('arguments', () => {
  test('the decoder gives raw 4:2:0 pictures of the first video alone', () => {
    const args = decodeArguments('/a b.mp4').join(' ');
    expect(args).toContain('-protocol_whitelist file,pipe -i file:/a b.mp4 -map 0:v:0 -an');
    expect(args).toEndWith('-pix_fmt yuv420p -f rawvideo pipe:1');
  });

  test('the encoder cuts or pads the sound to exactly the frames', () => {
    const args = encodeArguments({
      width: 720,
      height: 1280,
      fps: 24,
      frames: 100,
      audioPath: 'a.wav',
      outputPath: 'o.part',
      videoArguments: ['-crf', '20'],
    }).join(' ');
    expect(args).toContain('apad=whole_len=200000,atrim=end_sample=200000');
    expect(args).toContain('-map 0:v:0 -map 1:a:0');
    expect(args).toContain('-crf 20');
    expect(args).toEndWith('-f mp4 o.part');
  });

  test('sound comes as mono floats', () => {
    expect(soundArguments('a.wav', 16_000, 2.5).join(' ')).toContain(
      '-ac 1 -ar 16000 -t 2.5 -f f32le pipe:1',
    );
  });
});

describe('linesOf', () => {
  test('joins what arrives in pieces', async () => {
    const pieces = ['{"a":', '1}\n{"b"', ':"ü"}\nlast'].map((text) => new TextEncoder().encode(text));
    const stream = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const piece of pieces) controller.enqueue(piece);
        controller.close();
      },
    });
    const lines: string[] = [];
    for await (const line of linesOf(stream)) lines.push(line);
    expect(lines).toEqual(['{"a":1}', '{"b":"ü"}', 'last']);
  });
});
