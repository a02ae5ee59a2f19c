import type { CreateProject } from '../contract/project.schema';

/** A project as the database holds it, with its current song. */
export type ProjectRow = {
  id: string;
  title: string;
  mode: CreateProject['mode'];
  concept: string;
  characterDescription: string;
  productDescription: string;
  width: number;
  height: number;
  fps: 24 | 25 | 30;
  budgetUsd: number | null;
  song: SongRow | null;
  sceneCount: number;
  createdAt: Date;
  updatedAt: Date;
};

export type SongRow = {
  id: string;
  projectId: string;
  fileName: string;
  sourceKey: string;
  sourceBytes: number;
  sourceSha256: string;
  masterKey: string;
  masterBytes: number;
  masterSha256: string;
  encodedKey: string;
  encodedBytes: number;
  encodedSha256: string;
  samples: number;
  sampleRate: number;
  channels: number;
  createdAt: Date;
};

/** `peaks`: the loudest sample of each hundredth of a second, 0..255. */
export type NewSong = Omit<SongRow, 'createdAt'> & { peaks: Uint8Array };
