import { createCanvas } from '@napi-rs/canvas';
import type { Shot } from '../../drawing/frame-video';
import { type Brush, type Layer, paintLayer, place } from '../../drawing/paint';
import {
  bodyMatrix,
  headMatrix,
  layoutFor,
  type Matrix,
  nearest,
  poseAt,
  widestMouth,
} from './singer.motion';
import { paintClothes } from './singer-body.drawing';
import { createConcert } from './singer-concert.drawing';
import { paintEyes } from './singer-eyes.drawing';
import { paintFace, paintFeatures } from './singer-face.drawing';
import { paintBackHair, paintFrontHair } from './singer-hair.drawing';
import { paintMouth } from './singer-mouth.drawing';
import { paintNeck } from './singer-neck.drawing';

/** Lids and lips are painted once in so many steps; more could not be told apart at 25 frames a second. */
const lidSteps = 6;
const mouthSteps = 10;

/** Paints the singer's layers for a picture of this size; `length` is the shot's, in seconds. */
export function createSinger(width: number, height: number, length: number): Shot {
  const canvas = createCanvas(width, height);
  const brush = canvas.getContext('2d');
  const layout = layoutFor(width, height);
  // Painted at the scale of the nearest camera, so that nothing is ever enlarged.
  const scale = layout.unit * nearest;
  const below = (height - layout.center[1]) / layout.unit + 60;
  const body = paintLayer({ left: -480, top: -345, right: 480, bottom: below }, scale, (on) => {
    paintBackHairUnwidened(on, scale);
    paintNeck(on, scale);
    paintClothes(on, scale);
  });
  const face = paintLayer({ left: -230, top: -300, right: 230, bottom: 315 }, scale, (on) =>
    paintFace(on, scale),
  );
  const features = paintLayer({ left: -190, top: -110, right: 190, bottom: 260 }, scale, (on) =>
    paintFeatures(on, scale),
  );
  const hair = paintLayer({ left: -370, top: -350, right: 370, bottom: below }, scale, (on) =>
    paintFrontHair(on, scale),
  );
  const eyes = steps(lidSteps, { left: -180, top: -60, right: 180, bottom: 45 }, scale, (on, share) =>
    paintEyes(on, scale, share),
  );
  const mouths = steps(mouthSteps, { left: -105, top: 130, right: 105, bottom: 245 }, scale, (on, share) =>
    paintMouth(on, scale, share * widestMouth),
  );
  const concert = createConcert(width, height);
  return {
    canvas,
    paint(t) {
      const pose = poseAt(t, length);
      brush.setTransform(1, 0, 0, 1, 0, 0);
      concert.behind(brush, t);
      brush.imageSmoothingQuality = 'low';
      const put = (matrix: Matrix, layer: Layer | undefined, dx = 0, dy = 0): void => {
        if (layer === undefined) return;
        brush.setTransform(...matrix);
        place(brush, layer, dx, dy);
      };
      const head = headMatrix(layout, pose);
      const [dx, dy] = pose.turn;
      put(bodyMatrix(layout, pose), body);
      put(head, face);
      put(head, features, dx, dy);
      put(head, eyes[Math.round(pose.lids * (lidSteps - 1))], dx, dy);
      put(head, mouths[Math.round((pose.mouth / widestMouth) * (mouthSteps - 1))], dx, dy);
      put(head, hair, -0.25 * dx, 0);
      brush.setTransform(1, 0, 0, 1, 0, 0);
      concert.before(brush, t);
    },
  };
}

/** The body's matrix widens the shoulders; the hair behind them must not widen with them. */
function paintBackHairUnwidened(brush: Brush, scale: number): void {
  brush.save();
  brush.scale(1 / 1.08, 1);
  brush.translate(0, 36);
  paintBackHair(brush, scale);
  brush.restore();
}

function steps(
  count: number,
  box: Parameters<typeof paintLayer>[0],
  scale: number,
  draw: (brush: Brush, share: number) => void,
): Layer[] {
  return Array.from({ length: count }, (_, step) =>
    paintLayer(box, scale, (brush) => draw(brush, step / (count - 1))),
  );
}
