import { timingSafeEqual } from 'node:crypto';
import type { SignatureProblem } from './webhook.types';

/** Older or younger messages are refused: a copy that somebody caught can't be sent later. */
const TOLERANCE_SECONDS = 300;

/** Compares in a time that tells nothing of the expected signature. */
export function isSameSignature(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}

/** What is wrong with the time of a signature, in seconds since 1970; null: nothing. */
export function timeProblem(seconds: number, now: Date): SignatureProblem | null {
  const age = now.getTime() / 1000 - seconds;
  if (age > TOLERANCE_SECONDS) return 'too-old';
  return age < -TOLERANCE_SECONDS ? 'too-new' : null;
}
