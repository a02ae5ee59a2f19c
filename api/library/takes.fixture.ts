import { newTake, type TakeRow } from './takes.rules';

/** A take for tests of pure code: two seconds of an original, but for what the test says. */
export const someTake = (over: Partial<TakeRow> = {}): TakeRow => ({
  ...newTake({
    id: 'take',
    projectId: 'project',
    sceneId: 'scene',
    kind: 'original',
    s3Key: 'key',
    contentType: 'video/mp4',
    bytes: 1,
    sha256: '',
    width: 1280,
    height: 720,
    frames: 50,
    madeBy: {},
    jobId: null,
  }),
  createdAt: new Date(0),
  posterKey: null,
  filmstripKey: null,
  filmstrip: null,
  ...over,
});
