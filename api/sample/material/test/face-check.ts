import { join } from 'node:path';
import { type Canvas, createCanvas } from '@napi-rs/canvas';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { type GraphModel, loadGraphModel } from '@tensorflow/tfjs-converter';
import * as tf from '@tensorflow/tfjs-core';
import type { Point } from '../../../drawing/paint';

/** What BlazeFace and FaceMesh say about a picture; points are in its pixels. */
export type FaceFinding = { score: number; flag: number; mesh: Point[] };

const packages = join(import.meta.dir, '../../../../node_modules');
const models = join(packages, '@vladmandic/human/models');
/** BlazeFace (back camera): 256² in; two anchors per cell of 16 px, six per cell of 32 px. */
const detectorSize = 256;
const anchors = [16, 32].flatMap((stride) =>
  Array.from({ length: (detectorSize / stride) ** 2 * (stride === 16 ? 2 : 6) }, (_, index): Point => {
    const cell = Math.floor(index / (stride === 16 ? 2 : 6));
    const row = detectorSize / stride;
    return [stride * ((cell % row) + 0.5), stride * (Math.floor(cell / row) + 0.5)];
  }),
);
const meshSize = 192;
/** FaceMesh was trained on boxes 1.5 times the detector's (MediaPipe's face landmark graph). */
const boxGrowth = 1.5;

/** Loads both models on the WASM backend and returns the finder of the best face in a picture. */
export async function createFaceCheck(): Promise<(picture: Canvas) => FaceFinding | undefined> {
  setWasmPaths(`${join(packages, '@tensorflow/tfjs-backend-wasm/dist')}/`);
  await tf.setBackend('wasm');
  const [blazeface, facemesh] = await Promise.all([loadModel('blazeface'), loadModel('facemesh')]);
  return (picture) => {
    const found = detect(blazeface, picture);
    return found === undefined ? undefined : { ...readMesh(facemesh, picture, found), score: found.score };
  };
}

async function loadModel(name: string): Promise<GraphModel> {
  const description = await Bun.file(join(models, `${name}.json`)).json();
  const weightData = await Bun.file(join(models, `${name}.bin`)).arrayBuffer();
  const weightSpecs = description.weightsManifest[0].weights;
  return loadGraphModel({
    load: async () => ({ modelTopology: description.modelTopology, weightSpecs, weightData }),
  });
}

type Detection = { score: number; center: Point; size: number; angle: number };

function detect(model: GraphModel, picture: Canvas): Detection | undefined {
  const scale = detectorSize / Math.max(picture.width, picture.height);
  const left = (detectorSize - picture.width * scale) / 2;
  const top = (detectorSize - picture.height * scale) / 2;
  const small = createCanvas(detectorSize, detectorSize);
  small.getContext('2d').drawImage(picture, left, top, picture.width * scale, picture.height * scale);
  const raw = tf.tidy(() => {
    const input = tf.sub(tf.div(pixels(small), 127.5), 1);
    const outputs = model.execute(input);
    if (!Array.isArray(outputs)) throw new Error('blazeface must have four outputs');
    const [a, b, c, d] = outputs.slice().sort((x, y) => x.size - y.size);
    if (!a || !b || !c || !d) throw new Error('blazeface must have four outputs');
    return tf.concat([tf.concat([b, d], 2), tf.concat([a, c], 2)], 1).dataSync();
  });
  const width = raw.length / anchors.length;
  let best = 0;
  for (let i = 1; i < anchors.length; i++) {
    if ((raw[i * width] ?? 0) > (raw[best * width] ?? 0)) best = i;
  }
  const value = (offset: number): number => raw[best * width + offset] ?? 0;
  const score = 1 / (1 + Math.exp(-value(0)));
  const [anchorX, anchorY] = anchors[best] ?? [0, 0];
  if (score < 0.5) return undefined;
  const back = (x: number, y: number): Point => [(x + anchorX - left) / scale, (y + anchorY - top) / scale];
  const [rightX, rightY] = back(value(5), value(6));
  const [leftX, leftY] = back(value(7), value(8));
  return {
    score,
    center: back(value(1), value(2)),
    size: (Math.max(value(3), value(4)) / scale) * boxGrowth,
    angle: Math.atan2(leftY - rightY, leftX - rightX),
  };
}

function readMesh(model: GraphModel, picture: Canvas, face: Detection): { flag: number; mesh: Point[] } {
  const crop = createCanvas(meshSize, meshSize);
  const brush = crop.getContext('2d');
  const scale = meshSize / face.size;
  brush.translate(meshSize / 2, meshSize / 2);
  brush.rotate(-face.angle);
  brush.scale(scale, scale);
  brush.drawImage(picture, -face.center[0], -face.center[1]);
  const [flag, mesh] = tf.tidy(() => {
    const outputs = model.execute(tf.div(pixels(crop), 255), ['Identity_1:0', 'Identity_2:0']);
    if (!Array.isArray(outputs) || !outputs[0] || !outputs[1])
      throw new Error('facemesh must have two outputs');
    return [outputs[0].dataSync()[0] ?? 0, outputs[1].dataSync()];
  });
  const points = Array.from({ length: 468 }, (_, i): Point => {
    const x = ((mesh[i * 3] ?? 0) - meshSize / 2) / scale;
    const y = ((mesh[i * 3 + 1] ?? 0) - meshSize / 2) / scale;
    const [cos, sin] = [Math.cos(face.angle), Math.sin(face.angle)];
    return [face.center[0] + x * cos - y * sin, face.center[1] + x * sin + y * cos];
  });
  return { flag, mesh: points };
}

function pixels(canvas: Canvas): tf.Tensor4D {
  const rgba = canvas.data();
  const rgb = new Float32Array((rgba.length / 4) * 3);
  for (let from = 0, to = 0; from < rgba.length; from += 4, to += 3) {
    rgb[to] = rgba[from] ?? 0;
    rgb[to + 1] = rgba[from + 1] ?? 0;
    rgb[to + 2] = rgba[from + 2] ?? 0;
  }
  return tf.tensor4d(rgb, [1, canvas.height, canvas.width, 3]);
}
