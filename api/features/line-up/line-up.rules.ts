import type { LineUpConfidence, LineUpReason, LineUpWindow } from '../../contract/line-up.schema';

/** Where a clip was filmed: song seconds = `offsetSeconds` + clip seconds × `rate`. */
export type FoundPlace = { offsetSeconds: number; rate: number };

/** What was found of a clip's sound. */
export type ClipFinding = {
  confidence: LineUpConfidence;
  likelihood: number;
  place: FoundPlace | null;
  alternatives: FoundPlace[];
  /** Seconds of the clip between which the song is heard. */
  heard: { from: number; to: number } | null;
};

/** A clip of the project; the same file in several scenes is one. */
export type PlacedClip = {
  takeId: string;
  /** The clip's whole length in frames at the project's rate. */
  sourceFrames: number;
  finding: ClipFinding;
};

/** A scene and what it shows. */
export type SlotToFill = {
  sceneId: string;
  sequence: number;
  startFrame: number | null;
  slotFrames: number | null;
  /** The clip that it shows; null: none yet. */
  takeId: string | null;
  window: LineUpWindow;
  /** Whether other work on it goes on. */
  busy: boolean;
};

export type PlannedScene = {
  sceneId: string;
  sequence: number;
  takeId: string | null;
  window: LineUpWindow | null;
  change: 'window' | 'clip' | 'none';
  confidence: LineUpConfidence;
  inSync: boolean;
  reason: LineUpReason | null;
};

/** Speeds of windows are kept to a millionth: over ten minutes that is a sixtieth of a frame. */
const SPEED_DIGITS = 1e6;

/** How many frames of the clip pass per frame of the video; 1 where it makes no frame of difference in a slot. */
function speedIn(place: FoundPlace, slotFrames: number): number {
  const speed = 1 / place.rate;
  return Math.abs(speed - 1) * slotFrames < 1 ? 1 : Math.round(speed * SPEED_DIGITS) / SPEED_DIGITS;
}

/** The frame of the clip, with fractions, that was filmed when a frame of the video is heard. */
const clipFrameAt = (place: FoundPlace, frame: number, fps: number): number =>
  ((frame / fps - place.offsetSeconds) / place.rate) * fps;

/**
 * The window of a clip that is in sync under a slot, off by half a frame at most. It may lie outside the clip.
 * Where the clip keeps its own speed, what it drifts is shared out before and after the slot's middle.
 */
export function windowAt(
  place: FoundPlace,
  slot: { startFrame: number; slotFrames: number },
  fps: number,
): LineUpWindow {
  const speed = speedIn(place, slot.slotFrames);
  const half = slot.slotFrames / 2;
  const exact =
    speed === 1
      ? clipFrameAt(place, slot.startFrame + half, fps) - half
      : clipFrameAt(place, slot.startFrame, fps);
  // Added to 0, as what is a little less than nothing rounds to -0.
  return { inFrame: Math.round(exact) + 0, speed };
}

/** Frames of the video [startFrame, endFrame) over which a clip can be shown in sync. */
export function coveredFrames(
  clip: Pick<PlacedClip, 'sourceFrames' | 'finding'>,
  place: FoundPlace,
  fps: number,
): { startFrame: number; endFrame: number } {
  const seconds = clip.sourceFrames / fps;
  const from = Math.max(0, clip.finding.heard?.from ?? 0);
  const to = Math.min(seconds, clip.finding.heard?.to ?? seconds);
  const frameOf = (second: number) => (place.offsetSeconds + second * place.rate) * fps;
  return { startFrame: Math.max(0, Math.ceil(frameOf(from))), endFrame: Math.floor(frameOf(to)) };
}

/** The measure of where the song is heard is good to half a second at either end. */
const HEARD_SECONDS = 0.5;

/** The window in sync under a slot, when the clip reaches over all of it. */
function fittingWindow(
  clip: PlacedClip,
  place: FoundPlace,
  slot: { startFrame: number; slotFrames: number },
  fps: number,
): LineUpWindow | null {
  const window = windowAt(place, slot, fps);
  const end = window.inFrame + Math.floor((slot.slotFrames - 1) * window.speed) + 1;
  if (window.inFrame < 0 || end > clip.sourceFrames) return null;
  const { startFrame, endFrame } = coveredFrames(clip, place, fps);
  const spare = HEARD_SECONDS * fps;
  const isHeard =
    slot.startFrame >= startFrame - spare && slot.startFrame + slot.slotFrames <= endFrame + spare;
  return isHeard ? window : null;
}

/** The window of a clip under a slot at its place, or at one that is as likely. */
function windowOf(
  clip: PlacedClip,
  slot: { startFrame: number; slotFrames: number },
  fps: number,
): LineUpWindow | null {
  const { place, alternatives } = clip.finding;
  if (place === null) return null;
  for (const tried of [place, ...alternatives]) {
    const window = fittingWindow(clip, tried, slot, fps);
    if (window !== null) return window;
  }
  return null;
}

/** How many frames of the clip a scene is off from another window of it, at the worst frame of the slot. */
function framesOff(shown: LineUpWindow, wanted: LineUpWindow, slotFrames: number): number {
  const atEnd = (window: LineUpWindow) => window.inFrame + (slotFrames - 1) * window.speed;
  return Math.max(Math.abs(shown.inFrame - wanted.inFrame), Math.abs(atEnd(shown) - atEnd(wanted)));
}

/**
 * What lining up changes in each scene. A scene with a clip keeps it and gets the window that is in sync;
 * scenes without one, and those of `refill`, are cut from the clips that reach over them, and the clip changes
 * from scene to scene where more than one does.
 */
export function planLineUp(
  slots: SlotToFill[],
  clips: PlacedClip[],
  options: { fps: number; refill: ReadonlySet<number> },
): PlannedScene[] {
  const { fps } = options;
  const byId = new Map(clips.map((clip) => [clip.takeId, clip]));
  const lastUse = new Map<string, number>();
  return [...slots]
    .sort((a, b) => a.sequence - b.sequence)
    .map((slot, index) => {
      const own = slot.takeId === null ? undefined : byId.get(slot.takeId);
      const planned = planScene(slot, own);
      if (planned.takeId !== null) lastUse.set(planned.takeId, index);
      return planned;
    });

  function planScene(slot: SlotToFill, own: PlacedClip | undefined): PlannedScene {
    const { sceneId, sequence, startFrame, slotFrames } = slot;
    const stay = (reason: LineUpReason, more: Partial<PlannedScene> = {}): PlannedScene => ({
      sceneId,
      sequence,
      takeId: slot.takeId,
      window: null,
      change: 'none',
      confidence: own?.finding.confidence ?? 'none',
      inSync: false,
      reason,
      ...more,
    });
    if (startFrame === null || slotFrames === null) return stay('no-length');
    const place = { startFrame, slotFrames };
    const isFree = slot.takeId === null || options.refill.has(sequence);
    if (!isFree) {
      if (own === undefined) return stay('not-heard');
      if (own.finding.place === null) return stay('other-sound');
      const window = windowOf(own, place, fps);
      if (window === null) return stay('elsewhere');
      if (framesOff(slot.window, window, slotFrames) <= 1) return stay('in-sync', { window, inSync: true });
      if (slot.busy) return stay('busy', { window });
      return { ...stay('busy', { window }), change: 'window', reason: null };
    }
    const chosen = chooseClip(place);
    if (chosen === null) return stay('no-clip-here');
    const { clip, window } = chosen;
    const { confidence } = clip.finding;
    const isSame = clip.takeId === slot.takeId;
    const found = { takeId: clip.takeId, window, confidence };
    if (isSame && framesOff(slot.window, window, slotFrames) <= 1) {
      return stay('in-sync', { ...found, inSync: true });
    }
    if (slot.busy) return stay('busy', found);
    return { ...stay('busy', found), change: isSame ? 'window' : 'clip', reason: null };
  }

  /** Of the clips that reach over a slot the surest, and of these the one that was not shown for longest. */
  function chooseClip(slot: { startFrame: number; slotFrames: number }) {
    const rank = { certain: 0, unsure: 1, none: 2 };
    const [best] = clips
      .flatMap((clip) => {
        const window = windowOf(clip, slot, fps);
        return window === null ? [] : [{ clip, window }];
      })
      .sort(
        (a, b) =>
          rank[a.clip.finding.confidence] - rank[b.clip.finding.confidence] ||
          (lastUse.get(a.clip.takeId) ?? -1) - (lastUse.get(b.clip.takeId) ?? -1),
      );
    return best ?? null;
  }
}
