import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { createTestDatabase, type TestDatabase } from '../../db/test-database';
import { defaultWindow } from '../contract/window.schema';
import { findComposition, insertComposition } from './compositions.repository';
import { insertImage, listImages } from './images.repository';
import {
  chooseSong,
  findPeaks,
  findProject,
  insertProject,
  insertSong,
  updateProject,
} from './projects.repository';
import { findSceneById, insertScene, pointScene, updateScene } from './scenes.repository';
import { savePictures } from './take-thumbnails.repository';
import { findTake, insertTake } from './takes.repository';
import { findVideo, insertVideo } from './videos.repository';

// A busy machine takes its time to start a database.
setDefaultTimeout(60_000);

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const id = () => crypto.randomUUID();
const projectId = id();
const sceneId = id();
const songId = id();
const file = { s3Key: 'key', contentType: 'video/mp4', bytes: 2 ** 40, sha256: 'abc' };
const size = { width: 320, height: 180 };
// What jsonb must give back as it was: keys in both styles, texts that look like JSON, nothing at all.
const madeBy = { provider: 'upload', options: { snake_case: 1, camelCase: '"text"' }, report: [null, 0.1] };

const project = {
  id: projectId,
  title: 'One',
  mode: 'music-video' as const,
  concept: 'a concept',
  characterDescription: 'a singer',
  productDescription: 'a bottle',
  width: 320,
  height: 180,
  fps: 25 as const,
  budgetUsd: 12.5,
};
const scene = {
  id: sceneId,
  projectId,
  sequence: 1,
  prompt: 'a street',
  negativePrompt: 'rain',
  slotFrames: 50,
};
const window = { ...defaultWindow, inFrame: 7, framing: { ...defaultWindow.framing, x: 0.25 } };
const song = {
  id: songId,
  projectId,
  fileName: 'song.mp3',
  sourceKey: 'source',
  sourceBytes: 1,
  sourceSha256: 'a',
  masterKey: 'master',
  masterBytes: 2,
  masterSha256: 'b',
  encodedKey: 'encoded',
  encodedBytes: 3,
  encodedSha256: 'c',
  samples: 48_000,
  sampleRate: 48_000,
  channels: 2,
};
const now = expect.any(Date);

test('every field of a row comes back as it was written', async () => {
  const { sql } = database;
  await insertProject(sql, project);
  await insertScene(sql, scene);
  await insertSong(sql, { ...song, peaks: new Uint8Array([0, 7, 255]) });
  await chooseSong(sql, projectId, songId);
  expect(await findProject(sql, projectId)).toEqual({
    ...project,
    song: { ...song, createdAt: now },
    sceneCount: 1,
    createdAt: now,
    updatedAt: now,
  });
  expect([...((await findPeaks(sql, songId)) ?? [])]).toEqual([0, 7, 255]);
  expect(await findSceneById(sql, sceneId)).toEqual({
    ...scene,
    imageTake: null,
    originalTake: null,
    currentTake: null,
    lipsyncTake: null,
    faceMiddle: null,
    window: null,
    createdAt: now,
    updatedAt: now,
  });

  const parent = {
    ...file,
    ...size,
    id: id(),
    projectId,
    sceneId,
    kind: 'lipsynced' as const,
    parentId: null,
    frames: 50,
    sourceKey: 'source',
    sourceBytes: 4,
    sourceSha256: 'd',
    sourceName: 'clip.mov',
    soundKey: 'sound',
    soundBytes: 5,
    soundSha256: 'e',
    window,
    sourceStart: 3,
    sourceFrames: 500,
    trimIn: 1,
    trimOut: 51,
    songId,
    audioStart: 10,
    audioEnd: 60,
    madeBy,
    costUsd: 0.123456,
    jobId: id(),
  };
  const take = { ...parent, id: id(), parentId: parent.id, s3Key: 'other' };
  const noPictures = { posterKey: null, filmstripKey: null, filmstrip: null };
  const pictures = {
    posterKey: 'poster',
    filmstripKey: 'strip',
    filmstrip: { columns: 2, rows: 1, tiles: 2, tileWidth: 160, tileHeight: 90, everyFrames: 25 },
  };
  await insertTake(sql, parent);
  // A row read before has more fields than are written.
  await insertTake(sql, { ...take, ...pictures });
  expect(await findTake(sql, take.id)).toEqual({ ...take, ...noPictures, createdAt: now });
  expect(await savePictures(sql, take.id, pictures)).toBe(true);
  expect(await findTake(sql, take.id)).toEqual({ ...take, ...pictures, createdAt: now });
  expect(await savePictures(sql, parent.id, { ...noPictures, posterKey: 'poster' })).toBe(true);
  expect(await findTake(sql, parent.id)).toMatchObject({ ...noPictures, posterKey: 'poster' });
  const [stored] = await sql`select filmstrip is null as empty from takes where id = ${parent.id}`;
  expect(stored).toEqual({ empty: true });

  const pointers = { slotFrames: 50, window, lipsyncTakeId: take.id };
  await pointScene(sql, sceneId, pointers);
  expect(await findSceneById(sql, sceneId)).toMatchObject({
    slotFrames: 50,
    window,
    lipsyncTake: { id: take.id, window },
  });
  await updateScene(sql, sceneId, {});
  await pointScene(sql, sceneId, { window: null, lipsyncTakeId: null });
  expect(await findSceneById(sql, sceneId)).toMatchObject({
    slotFrames: 50,
    window: null,
    lipsyncTake: null,
  });

  const video = {
    ...file,
    ...size,
    id: id(),
    projectId,
    soundKey: 'sound',
    fps: 29.97,
    frames: 50,
    madeBy,
    jobId: id(),
  };
  await insertVideo(sql, video);
  expect(await findVideo(sql, video.id)).toEqual({ ...video, createdAt: now });

  const timeline = { songId, scenes: [{ takeId: take.id, frames: 50 }] };
  const { contentType: _, ...mp4 } = file;
  const composition = { ...mp4, ...size, id: id(), projectId, fps: 25, frames: 50, timeline, jobId: id() };
  await insertComposition(sql, composition);
  expect(await findComposition(sql, composition.id)).toEqual({ ...composition, createdAt: now });

  const image = { ...file, ...size, id: id(), projectId, madeBy, jobId: id() };
  await insertImage(sql, image);
  expect([...(await listImages(sql, projectId))]).toEqual([{ ...image, createdAt: now }]);
});

test('what a change leaves out stays as it is, null empties, and a change of nothing is one', async () => {
  const { sql } = database;
  const changed = async () => {
    const [row] = await sql`select updated_at from projects where id = ${projectId}`;
    return row?.['updatedAt'].getTime();
  };
  await updateProject(sql, projectId, { title: 'Two', budgetUsd: null });
  expect(await findProject(sql, projectId)).toMatchObject({ ...project, title: 'Two', budgetUsd: null });
  await updateProject(sql, projectId, { format: { width: 640, height: 360, fps: 30 } });
  expect(await findProject(sql, projectId)).toMatchObject({
    title: 'Two',
    concept: 'a concept',
    width: 640,
    height: 360,
    fps: 30,
  });
  const before = await changed();
  await updateProject(sql, projectId, {});
  expect(await changed()).toBeGreaterThan(before);
  await pointScene(sql, sceneId, { slotFrames: null });
  expect(await findSceneById(sql, sceneId)).toMatchObject({ ...scene, slotFrames: null });
});
