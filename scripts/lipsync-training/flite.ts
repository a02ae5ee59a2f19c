import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Phone, Utterance } from './espeak';

/** The phones of flite's American voices, in the IPA that the mouth's shapes are named by. */
const IPA: Record<string, string> = {
  aa: 'ɑ',
  ae: 'æ',
  ah: 'ʌ',
  ao: 'ɔ',
  aw: 'aʊ',
  ax: 'ə',
  axr: 'ɚ',
  ay: 'aɪ',
  eh: 'ɛ',
  er: 'ɜ',
  ey: 'eɪ',
  ih: 'ɪ',
  iy: 'i',
  ow: 'oʊ',
  oy: 'ɔɪ',
  uh: 'ʊ',
  uw: 'u',
  b: 'b',
  ch: 'tʃ',
  d: 'd',
  dh: 'ð',
  dx: 'ɾ',
  el: 'əl',
  em: 'm',
  en: 'n',
  f: 'f',
  g: 'g',
  hh: 'h',
  hv: 'h',
  jh: 'dʒ',
  k: 'k',
  l: 'l',
  m: 'm',
  n: 'n',
  ng: 'ŋ',
  p: 'p',
  r: 'ɹ',
  s: 's',
  sh: 'ʃ',
  t: 't',
  th: 'θ',
  v: 'v',
  w: 'w',
  y: 'j',
  z: 'z',
  zh: 'ʒ',
};

export type FliteSpeaker = {
  version: string;
  speak(text: string, voice: string, slowness: number): Utterance;
  close(): void;
};

/**
 * Opens flite, whose voices slt, rms, awb and kal16 were recorded from people (CMU Arctic and diphones).
 * It prints each phone with the second at which it ends.
 * @throws when the program is missing: `apt-get install flite`
 */
export function openFlite(): FliteSpeaker {
  if (Bun.which('flite') === null)
    throw new Error('flite is missing; install it with: apt-get install flite');
  const folder = mkdtempSync(join(tmpdir(), 'lipsync-training-'));
  const path = join(folder, 'said.wav');
  const version = /version: (\S+)/.exec(Bun.spawnSync(['flite', '--help']).stdout.toString())?.[1] ?? '';
  return {
    version,
    speak(text, voice, slowness) {
      const options = ['-voice', voice, '--setf', `duration_stretch=${slowness.toFixed(2)}`, '-psdur'];
      const printed = Bun.spawnSync(['flite', ...options, '-o', path, '-t', text]).stdout.toString();
      const raw = readFileSync(path);
      const sampleRate = raw.readUInt32LE(24);
      const count = (raw.length - WAV_HEADER) >> 1;
      const samples = Float32Array.from(
        { length: count },
        (_, i) => raw.readInt16LE(WAV_HEADER + i * 2) / 32768,
      );
      let start = 0;
      const phones = printed
        .trim()
        .split(/\s+/)
        .map((entry): Phone => {
          const [name, end] = entry.split(':');
          const phone = {
            ipa: IPA[name ?? ''] ?? '',
            start: start * sampleRate,
          };
          start = Number(end);
          return phone;
        });
      return { samples, sampleRate, phones };
    },
    close: () => rmSync(folder, { recursive: true }),
  };
}

/** flite writes the plain 44 bytes. */
const WAV_HEADER = 44;
