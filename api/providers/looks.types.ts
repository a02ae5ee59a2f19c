import type { Faces, Voice } from '../contract/singing.schema';

/** A clip of constant frame rate on this machine's disk. */
export type ClipToLookAt = { path: string; width: number; height: number; fps: number; frames: number };

/** Looks for faces in clips, and listens for a voice in songs. */
export type Looks = {
  /** @throws AppError `UnreadableVideo`, `LipsyncEngineFailed`, `LipsyncEngineDied` */
  faces(clip: ClipToLookAt, signal: AbortSignal): Promise<Faces>;
  /** @throws AppError `UnreadableAudio`, `LipsyncEngineFailed`, `LipsyncEngineDied` */
  voice(sound: { path: string; seconds: number }, signal: AbortSignal): Promise<Voice>;
};
