import type { Random } from '../../shared/random';
import { isStop, isVowel, type SungPhone, sungPhone } from './phones';

/** A sung syllable: phones in IPA between spaces, e.g. "m u n". The vowel starts at `start`. */
export type SungNote = { start: number; seconds: number; midi: number; syllable: string };
export type SingerOptions = {
  sampleRate: number;
  seconds: number;
  random: Random;
  /** 1 is a woman's throat; a larger number is a shorter one. */
  throat?: number;
  /** Vibrato in semitones each way. */
  vibrato?: number;
};
export type SungPhoneTime = { ipa: string; start: number };
type Placed = { phone: SungPhone; ipa: string; start: number; end: number; note: SungNote };

/** Control values are renewed every 4 ms and glide between. */
const CONTROL = 0.004;

/** Lays the phones of each syllable in time: leading consonants before the beat, the rest at the end. */
function placePhones(notes: readonly SungNote[]): Placed[] {
  const placed: Placed[] = [];
  for (const note of notes) {
    const names = note.syllable.split(' ');
    const first = names.findIndex(isVowel);
    const onset = names.slice(0, Math.max(0, first));
    const vowels = names.slice(Math.max(0, first)).filter(isVowel);
    const coda = names.slice(Math.max(0, first)).filter((name) => !isVowel(name));
    const phones = new Map([...new Set(names)].map((name) => [name, sungPhone(name)]));
    const put = (ipa: string, start: number, end: number) => {
      const phone = phones.get(ipa);
      if (phone) placed.push({ phone, ipa, start, end, note });
    };
    const length = (list: string[]) => list.reduce((sum, name) => sum + (phones.get(name)?.seconds ?? 0), 0);
    let at = note.start - length(onset);
    for (const name of onset) {
      put(name, at, at + length([name]));
      at += length([name]);
    }
    const end = note.start + Math.max(0.08, note.seconds - length(coda));
    // A diphthong holds its first vowel and glides into the second near the end.
    const glide = vowels.length > 1 ? Math.min(0.16, (end - note.start) * 0.4) : 0;
    vowels.forEach((name, i) => {
      put(name, i === 0 ? note.start : end - glide, i === 0 && glide > 0 ? end - glide : end);
    });
    at = end;
    for (const name of coda) {
      put(name, at, at + length([name]));
      at += length([name]);
    }
  }
  // A leading consonant cuts the end of the note before it.
  const ordered = placed.sort((a, b) => a.start - b.start);
  ordered.forEach((p, i) => {
    const next = ordered[i + 1];
    if (next && p.end > next.start) p.end = Math.max(p.start, next.start);
  });
  return ordered;
}

/** Digital resonator of Klatt 1980: unity gain at 0 Hz. */
function resonator(rate: number) {
  let [a, b, c, y1, y2] = [1, 0, 0, 0, 0];
  return {
    tune(hz: number, bandwidth: number) {
      c = -Math.exp((-2 * Math.PI * bandwidth) / rate);
      b =
        2 *
        Math.exp((-Math.PI * bandwidth) / rate) *
        Math.cos((2 * Math.PI * Math.min(hz, rate * 0.47)) / rate);
      a = 1 - b - c;
    },
    run(x: number) {
      const y = a * x + b * y1 + c * y2;
      y2 = y1;
      y1 = y;
      return y;
    },
  };
}

/** Derivative of the glottal flow, phase 0..1 (Rosenberg pulse: opens over .4, closes over .16). */
function glottis(phase: number): number {
  if (phase < 0.4) return Math.sin((Math.PI * phase) / 0.4) * 0.5;
  if (phase < 0.56) return -Math.sin((Math.PI * (phase - 0.4)) / 0.32) * 1.4;
  return -1.4 * Math.exp(-(phase - 0.56) * 60);
}

/**
 * Sings notes with a formant synthesizer: a glottal pulse and breath through five resonators in a
 * row, friction beside them; gliding pitch, delayed vibrato, small jitter.
 * @returns mono samples (peaks about ±1) and when each phone starts
 */
export function sing(
  notes: readonly SungNote[],
  options: SingerOptions,
): { samples: Float32Array; phones: SungPhoneTime[] } {
  const { sampleRate: rate, seconds, random, throat = 1, vibrato = 0.3 } = options;
  const placed = placePhones(notes);
  const samples = new Float32Array(Math.round(seconds * rate));
  const tract = [0, 1, 2, 3, 4].map(() => resonator(rate));
  const friction = resonator(rate);
  const murmur = resonator(rate);
  const now = {
    f1: 600,
    f2: 1500,
    f3: 2800,
    voice: 0,
    breath: 0,
    hiss: 0,
    midi: notes[0]?.midi ?? 60,
    nasal: 0,
  };
  const block = Math.round(CONTROL * rate);
  let [phase, index, jitter, tilt, lastNoise] = [0, 0, 0, 0, 0];
  const glide = (seconds: number) => 1 - Math.exp(-CONTROL / seconds);
  const [fast, medium, slow] = [glide(0.007), glide(0.018), glide(0.03)];
  for (let start = 0; start < samples.length; start += block) {
    const t = start / rate;
    while (index < placed.length - 1 && t >= (placed[index + 1]?.start ?? 0)) index += 1;
    const p = placed[index];
    const on = p !== undefined && t >= p.start && t < p.end;
    const stop = p && isStop(p.ipa);
    // The burst is the last 18 ms of a stop.
    const burst = p && stop && t > p.end - 0.018;
    if (p && on) {
      const [f1, f2, f3] = p.phone.formants;
      const next = placed[index + 1];
      // Consonants without lips or tongue of their own (h) take the shape of the vowel to come.
      const shape = p.ipa === 'h' && next ? next.phone.formants : ([f1, f2, f3] as const);
      now.f1 += (shape[0] * throat - now.f1) * medium;
      now.f2 += (shape[1] * throat - now.f2) * medium;
      now.f3 += (shape[2] * throat - now.f3) * medium;
      now.midi += (p.note.midi - now.midi) * slow;
      friction.tune(p.phone.friction[0], p.phone.friction[1]);
    }
    const held = p && on ? t - p.note.start : 0;
    const swell = p ? 0.82 + 0.18 * Math.min(1, Math.max(0, held) / 0.25) : 0;
    now.voice += ((p && on ? p.phone.voice * swell : 0) - now.voice) * (on ? medium : glide(0.025));
    now.breath += ((p && on ? p.phone.breath : 0) - now.breath) * medium;
    now.hiss += ((p && on && (!stop || burst) ? p.phone.hiss : 0) - now.hiss) * fast;
    now.nasal += ((p && on && p.phone.nasal ? 1 : 0) - now.nasal) * medium;
    jitter += (random.between(-1, 1) * 0.09 - jitter) * 0.08;
    const shake = vibrato * Math.min(1, Math.max(0, held - 0.18) / 0.35) * Math.sin(2 * Math.PI * 5.6 * t);
    const f0 = 440 * 2 ** ((now.midi + shake + jitter - 69) / 12);
    // Singers raise the first formant with the pitch (Sundberg 1977).
    const f1 = Math.max(now.f1, f0 * 1.08 * (1 - now.nasal));
    tract[0]?.tune(Math.max(f1, 220), 70 + 60 * now.nasal);
    tract[1]?.tune(Math.max(now.f2, f1 + 150), 95 + 150 * now.nasal);
    tract[2]?.tune(now.f3, 130 + 150 * now.nasal);
    tract[3]?.tune(3550 * throat, 190);
    tract[4]?.tune(4400 * throat, 260);
    murmur.tune(270, 90);
    const quiet = now.voice < 1e-4 && now.breath < 1e-4 && now.hiss < 1e-4;
    if (quiet) continue;
    const darkness = 0.35 + 0.25 * (1 - Math.min(1, now.voice));
    for (let i = start; i < Math.min(start + block, samples.length); i += 1) {
      phase += f0 / rate;
      if (phase >= 1) phase -= 1;
      const noise = random.next() * 2 - 1;
      tilt += (glottis(phase) * now.voice - tilt) * (1 - darkness);
      let x = tilt + noise * (now.breath * 0.35 + now.voice * 0.012 * (phase < 0.5 ? 1 : 0.3));
      for (const r of tract) x = r.run(x);
      const hiss = friction.run(noise - lastNoise) * now.hiss;
      lastNoise = noise;
      samples[i] = x * (1 - 0.55 * now.nasal) + murmur.run(tilt) * 0.12 * now.nasal + hiss * 0.5;
    }
  }
  let peak = 1e-6;
  for (const s of samples) peak = Math.max(peak, Math.abs(s));
  const phones = placed.flatMap((p, i): SungPhoneTime[] => {
    const next = placed[i + 1];
    const own = { ipa: p.ipa, start: p.start };
    return next && next.start - p.end < 0.03 ? [own] : [own, { ipa: '', start: p.end }];
  });
  return { samples: samples.map((s) => s / peak), phones };
}
