import type { CompactMesh } from './compact.mesh';

/** One face through one shot. `meshes[i]` belongs to frame `shot.start + i`; null: not seen there. */
export type FaceTrack = {
  id: number;
  meshes: (CompactMesh | null)[];
};

/** Frames between two cuts, `end` exclusive, and the faces seen in them. */
export type Shot = { start: number; end: number; tracks: FaceTrack[] };
