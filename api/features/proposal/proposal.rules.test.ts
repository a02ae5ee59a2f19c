import { describe, expect, test } from 'bun:test';
import { chooseCuts, proposeScenes } from './proposal.rules';
import { rhythmOf } from './song-rhythm.rules';

/** Peaks of a drum track: a struck beat that rings off, the first of each bar louder. */
function drums(options: { bpm: number; seconds: number; offset?: number; loud?: (at: number) => number }) {
  const { bpm, seconds, offset = 0, loud = () => 1 } = options;
  const beat = 60 / bpm;
  return Uint8Array.from({ length: seconds * 100 }, (_, index) => {
    const at = index / 100 - offset;
    const beats = Math.floor(at / beat + 1e-9);
    if (at < 0) return 3;
    const ringing = Math.exp(-(at - beats * beat) * 9);
    const strength = beats % 4 === 0 ? 1 : 0.7;
    return Math.round(loud(index / 100) * (25 + 200 * strength * ringing));
  });
}

/** Something without a beat: noise (Lehmer's generator) that swells slowly. */
function drone(seconds: number): Uint8Array {
  let state = 1;
  return Uint8Array.from({ length: seconds * 100 }, (_, index) => {
    state = (state * 48_271) % 2_147_483_647;
    return 90 + 20 * Math.sin(index / 230) + 16 * (state / 2_147_483_647);
  });
}

describe('the beat of a song', () => {
  test('is found to a tenth of a beat a minute, with its bars', () => {
    for (const bpm of [72, 90, 100, 117.5, 128, 150, 174]) {
      const { bpm: found, beats, isBar } = rhythmOf(drums({ bpm, seconds: 60, offset: 0.37 }));
      // Fast songs may be counted in half time: the bars are the same, two by two.
      const counted = bpm > 150 ? bpm / 2 : bpm;
      expect(Math.abs((found ?? 0) - counted)).toBeLessThan(0.1);
      const firstBar = beats[isBar.indexOf(true)] ?? 0;
      const bar = 240 / bpm;
      const off = (((firstBar - 0.37) % bar) + bar) % bar;
      expect(Math.min(off, bar - off)).toBeLessThan(0.05);
    }
  });

  test('is not invented: a drone, silence and nothing have none', () => {
    for (const peaks of [drone(40), new Uint8Array(3000), new Uint8Array(0), new Uint8Array(1)]) {
      expect(rhythmOf(peaks).bpm).toBeNull();
    }
  });
});

describe('scenes for a song', () => {
  const song = (seconds: number, fps = 25) => ({ frames: Math.ceil(seconds * fps), fps });
  const whole = ({ scenes }: { scenes: { startFrame: number; endFrame: number }[] }, frames: number) => {
    expect(scenes[0]?.startFrame).toBe(0);
    expect(scenes.at(-1)?.endFrame).toBe(frames);
    for (const [index, scene] of scenes.entries()) {
      expect(scene.endFrame).toBeGreaterThan(scene.startFrame);
      if (index > 0) expect(scene.startFrame).toBe(scenes[index - 1]?.endFrame ?? -1);
    }
  };

  test('are whole bars long, of about six seconds', () => {
    const proposal = proposeScenes(drums({ bpm: 100, seconds: 48 }), song(48), null);
    expect(proposal.bpm).toBe(100);
    expect(proposal.scenes.map(({ startFrame }) => startFrame)).toEqual(
      Array.from({ length: 10 }, (_, index) => index * 120),
    );
  });

  test('begin where the song changes', () => {
    // Quiet for ten bars, then loud: 24 s at 100 a minute.
    const loud = (at: number) => (at < 24 ? 0.35 : 1);
    const proposal = proposeScenes(drums({ bpm: 100, seconds: 60, loud }), song(60), 4);
    expect(proposal.sections.map(({ startFrame }) => startFrame)).toEqual([0, 600]);
    expect(proposal.scenes.map(({ startFrame }) => startFrame)).toContain(600);
    expect(proposal.sections[1]?.energy).toBeGreaterThan(2 * (proposal.sections[0]?.energy ?? 1));
  });

  test('follow each other without a gap, however many are asked for', () => {
    for (const [peaks, seconds] of [
      [drums({ bpm: 128, seconds: 30, offset: 0.2 }), 30],
      [drone(30), 30],
      [new Uint8Array(3000), 30],
    ] as const) {
      for (const fps of [24, 25, 30]) {
        for (const scenes of [1, 2, 7, 20, 60, null]) {
          const proposal = proposeScenes(peaks, song(seconds, fps), scenes);
          whole(proposal, seconds * fps);
          whole({ scenes: proposal.sections }, seconds * fps);
          if (scenes !== null) expect(proposal.scenes.length).toBeLessThanOrEqual(scenes);
          if (scenes !== null && scenes <= 20) expect(proposal.scenes).toHaveLength(scenes);
        }
      }
    }
  });

  test('a song shorter than a scene is one scene; a very long one has none over ten minutes', () => {
    whole(proposeScenes(drone(1), song(0.4), 5), 10);
    const long = proposeScenes(drone(1500), song(1500), 1);
    whole(long, 37_500);
    expect(Math.max(...long.scenes.map((scene) => scene.endFrame - scene.startFrame))).toBeLessThanOrEqual(
      15_000,
    );
  });

  test('cuts are even where nothing speaks against it', () => {
    const places = Array.from({ length: 99 }, (_, index) => ({ seconds: index + 1, worth: 0 }));
    expect(chooseCuts(places, 100, 4)).toEqual([25, 50, 75]);
    expect(chooseCuts([], 100, 4)).toEqual([]);
    // A better place two seconds aside is taken, one ten seconds aside is not.
    const near = places.map((place) => ({ ...place, worth: place.seconds === 52 ? 1 : 0 }));
    expect(chooseCuts(near, 100, 4)).toContain(52);
  });
});
