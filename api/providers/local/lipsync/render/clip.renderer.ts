import { mixAt } from '../choice/source.mix';
import { VERTEX_COUNT } from '../mesh/face.mesh';
import { shapeMouth } from '../mouth/mouth.shape';
import type { YuvFrame } from '../pixels/yuv.frame';
import type { ShotPlan } from '../plan/shot.plan';
import { createFaceRenderer } from './face.renderer';

/** Draws the planned mouth into frame `index` of the clip, in place. */
export type ClipRenderer = (frame: YuvFrame, index: number) => void;

/** Below this share of the new mouth nothing is drawn at all. */
const VISIBLE = 0.01;

export function createClipRenderer(plans: readonly ShotPlan[]): ClipRenderer {
  const draw = createFaceRenderer();
  const shape = new Float32Array(VERTEX_COUNT * 2);
  return (frame, index) => {
    const plan = plans.find(({ start, end }) => index >= start && index < end);
    if (!plan) return;
    const i = index - plan.start;
    const strength = plan.strength[i] ?? 0;
    const wanted = plan.shapes[i];
    if (strength < VISIBLE || !wanted) return;
    const face = plan.track.faceAt(i);
    const sources = mixAt(plan.path, i, plan.mouths.length).flatMap(({ candidate, share }) => {
      const mouth = plan.mouths[candidate];
      return mouth ? [{ ...mouth, share }] : [];
    });
    if (!face || sources.length === 0) return;
    const between = (own: number, goal: number): number => own + strength * (goal - own);
    shapeMouth(
      face,
      { aperture: between(face.aperture, wanted.aperture), width: between(face.width, wanted.width) },
      shape,
    );
    draw(frame, { mesh: face.mesh, shape, sources, colours: plan.colours, unit: face.pose.scale, strength });
  };
}
