import { describe, expect, test } from 'bun:test';
import * as v from 'valibot';
import type { ExportTimeline } from '../export-format.rules';
import { edl, timecode } from './edl/edl.format';
import { exportFormats } from './index';
import { otio } from './otio/otio.format';

const timeline: ExportTimeline = {
  title: 'Harbour\nlights',
  fps: 25,
  width: 1280,
  height: 720,
  frames: 213,
  clips: [
    { sequence: 1, prompt: 'Night\ncity', fileName: 'a.mp4', startFrame: 0, frames: 88 },
    { sequence: 2, prompt: '', fileName: 'b.mp4', startFrame: 88, frames: 125 },
  ],
  song: { fileName: 'song – final.wav' },
};

describe('edit decision list', () => {
  test('each clip stands where the one before it ends, to the frame', () => {
    expect(edl.write(timeline)).toBe(
      [
        'TITLE: Harbour lights',
        'FCM: NON-DROP FRAME',
        '',
        '001  AX       V     C        00:00:00:00 00:00:03:13 01:00:00:00 01:00:03:13',
        '* FROM CLIP NAME: a.mp4',
        '* COMMENT: Night city',
        '',
        '002  AX       V     C        00:00:00:00 00:00:05:00 01:00:03:13 01:00:08:13',
        '* FROM CLIP NAME: b.mp4',
        '',
        '* COMMENT: SONG song – final.wav',
        '',
      ].join('\n'),
    );
  });

  test('a prompt cannot add a line of its own', () => {
    const [clip] = timeline.clips;
    const prompt = 'x\n003  AX       V     C        00:00:00:00\r\u2028* COMMENT: y';
    const text = edl.write({ ...timeline, clips: clip === undefined ? [] : [{ ...clip, prompt }] });
    expect(text.split(/[\r\n\u2028]/).filter((line) => /^\d{3} /.test(line))).toHaveLength(1);
  });

  test('more clips than it has numbers for are told', () => {
    const clips = Array.from({ length: 1001 }, (_, at) => ({
      sequence: at + 1,
      prompt: '',
      fileName: `${at}.mp4`,
      startFrame: at * 10,
      frames: 10,
    }));
    const text = edl.write({ ...timeline, clips });
    expect(text).toContain('\n999  AX ');
    expect(text).toContain('* COMMENT: 2 MORE CLIPS DO NOT FIT');
  });

  test('time codes at each rate', () => {
    expect([timecode(0, 24), timecode(23, 24), timecode(24, 24)]).toEqual([
      '00:00:00:00',
      '00:00:00:23',
      '00:00:01:00',
    ]);
    expect(timecode(30 * 3600 + 30 * 61 + 29, 30)).toBe('01:01:01:29');
  });
});

const TimelineSchema = v.object({
  OTIO_SCHEMA: v.literal('Timeline.1'),
  tracks: v.object({
    children: v.array(
      v.object({
        kind: v.string(),
        children: v.array(
          v.object({
            media_reference: v.object({ target_url: v.string() }),
            source_range: v.object({ duration: v.object({ rate: v.number(), value: v.number() }) }),
          }),
        ),
      }),
    ),
  }),
});

test('OpenTimelineIO: clips one after the other, the song under all of them', () => {
  const written = v.parse(TimelineSchema, JSON.parse(otio.write(timeline)));
  const [picture, sound] = written.tracks.children;
  expect(picture?.children.map((clip) => clip.source_range.duration)).toEqual([
    { rate: 25, value: 88 },
    { rate: 25, value: 125 },
  ]);
  expect(sound?.children.map((clip) => clip.media_reference.target_url)).toEqual([
    'song%20%E2%80%93%20final.wav',
  ]);
  expect(sound?.children[0]?.source_range.duration.value).toBe(213);
});

test('every format has an id for its URL, and no two the same', () => {
  const ids = exportFormats.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) expect(id).toMatch(/^[a-z0-9]+$/);
});
