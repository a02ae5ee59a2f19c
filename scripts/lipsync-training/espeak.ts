import { dlopen, FFIType, JSCallback, type Pointer, read, toArrayBuffer } from 'bun:ffi';

/** A phone (IPA) and the sample at which it starts. */
export type Phone = { ipa: string; start: number };
export type Utterance = { samples: Float32Array; sampleRate: number; phones: Phone[] };
export type Voice = { name: string; wordsPerMinute: number; pitch: number; range: number };
export type Speaker = { version: string; speak(text: string, voice: Voice): Utterance; close(): void };

/** speak_lib.h: synchronous output; phoneme events (1) named in IPA (2). */
const AUDIO_OUTPUT_SYNCHRONOUS = 2;
const PHONEME_EVENTS_IPA = 3;
const EVENT_SIZE = 40;
const EVENT_PHONEME = 7;
const UTF8 = 1;
const RATE = 1;
const PITCH = 3;
const RANGE = 4;

/**
 * Opens espeak-ng's library. Its phoneme events carry the sample at which each phone starts, which
 * the command line does not print for its own voices (--pho needs an MBROLA voice).
 * @throws when the library is missing: `apt-get install espeak-ng`
 */
export function openEspeak(version: string): Speaker {
  const library = dlopen('libespeak-ng.so.1', {
    espeak_Initialize: { args: [FFIType.i32, FFIType.i32, FFIType.ptr, FFIType.i32], returns: FFIType.i32 },
    espeak_SetVoiceByName: { args: [FFIType.ptr], returns: FFIType.i32 },
    espeak_SetParameter: { args: [FFIType.i32, FFIType.i32, FFIType.i32], returns: FFIType.i32 },
    espeak_SetSynthCallback: { args: [FFIType.function], returns: FFIType.void },
    espeak_Synth: {
      args: [
        FFIType.ptr,
        FFIType.u64,
        FFIType.u32,
        FFIType.i32,
        FFIType.u32,
        FFIType.u32,
        FFIType.ptr,
        FFIType.ptr,
      ],
      returns: FFIType.i32,
    },
  });
  const { symbols } = library;
  const sampleRate = symbols.espeak_Initialize(AUDIO_OUTPUT_SYNCHRONOUS, 0, null, PHONEME_EVENTS_IPA);
  if (sampleRate <= 0) throw new Error('espeak-ng did not start; install it with: apt-get install espeak-ng');
  let chunks: Int16Array[] = [];
  let phones: Phone[] = [];
  const collect = new JSCallback(
    (wave: Pointer | null, count: number, events: Pointer) => {
      if (wave !== null && count > 0) chunks.push(new Int16Array(toArrayBuffer(wave, 0, count * 2)).slice());
      for (let at = 0; read.i32(events, at) !== 0; at += EVENT_SIZE) {
        if (read.i32(events, at) !== EVENT_PHONEME) continue;
        const bytes = new Uint8Array(8).map((_, i) => read.u8(events, at + 32 + i));
        const end = bytes.indexOf(0);
        const ipa = new TextDecoder().decode(bytes.subarray(0, end < 0 ? 8 : end));
        phones.push({ ipa, start: read.i32(events, at + 20) });
      }
      return 0;
    },
    { args: [FFIType.ptr, FFIType.i32, FFIType.ptr], returns: FFIType.i32 },
  );
  symbols.espeak_SetSynthCallback(collect);
  return {
    version,
    speak(text, voice) {
      chunks = [];
      phones = [];
      if (symbols.espeak_SetVoiceByName(Buffer.from(`${voice.name}\0`)) !== 0)
        throw new Error(`espeak-ng has no voice ${voice.name}`);
      symbols.espeak_SetParameter(RATE, voice.wordsPerMinute, 0);
      symbols.espeak_SetParameter(PITCH, voice.pitch, 0);
      symbols.espeak_SetParameter(RANGE, voice.range, 0);
      const bytes = Buffer.from(`${text}\0`);
      symbols.espeak_Synth(bytes, BigInt(bytes.length), 0, 1, 0, UTF8, null, null);
      const samples = new Float32Array(chunks.reduce((sum, c) => sum + c.length, 0));
      let at = 0;
      for (const chunk of chunks) for (const value of chunk) samples[at++] = value / 32768;
      return { samples, sampleRate, phones };
    },
    close() {
      collect.close();
      library.close();
    },
  };
}
