/** How the camera moves over a picture. */
export const cameraMoves = [
  'push-in',
  'pull-out',
  'pan-left',
  'pan-right',
  'tilt-up',
  'tilt-down',
  'drift',
  'still',
] as const;
export type CameraMove = (typeof cameraMoves)[number];

export type MoveWords = {
  /** Null: the words name none. */
  move: CameraMove | null;
  /** How far the camera goes, 1 as usual. */
  speed: number;
  handheld: boolean;
  grain: boolean;
};

/** What film people call them; the first that is found in the text wins. */
const expressions: [CameraMove, RegExp][] = [
  [
    'push-in',
    /\b(push(es|ing)?[- ]?in|dolly(ing)?[- ]in|zoom(s|ing)?[- ]in|track(s|ing)? (in|forward)|moves? (in|closer|forward)|creep(s|ing)? in|slow push)\b/,
  ],
  [
    'pull-out',
    /\b(pull(s|ing)?[- ]?(out|back)|dolly(ing)?[- ]out|zoom(s|ing)?[- ]out|track(s|ing)? (out|back)|moves? (back|away)|reveal(s|ing)?)\b/,
  ],
  ['pan-left', /\b(pan(s|ning)?|track(s|ing)?|truck(s|ing)?|slid(e|es|ing)|mov(e|es|ing)) (to the )?left\b/],
  [
    'pan-right',
    /\b(pan(s|ning)?|track(s|ing)?|truck(s|ing)?|slid(e|es|ing)|mov(e|es|ing)) (to the )?right\b/,
  ],
  ['tilt-up', /\b(tilt(s|ing)?|crane(s|ing)?|boom(s|ing)?|pedestal|ris(e|es|ing)|pan(s|ning)?) up\b/],
  ['tilt-down', /\b(tilt(s|ing)?|crane(s|ing)?|boom(s|ing)?|pedestal|lower(s|ing)?|pan(s|ning)?) down\b/],
  ['still', /\b(static|locked[- ]off|locked[- ]down|still camera|no camera mov\w+|tripod)\b/],
  ['drift', /\b(drift(s|ing)?|float(s|ing)?|glid(e|es|ing)|parallax|steadicam|pan(s|ning)?)\b/],
];

/** Reads how the camera should move from a prompt. */
export function readMoveWords(prompt: string): MoveWords {
  const text = prompt.normalize('NFC').toLowerCase();
  let found: { move: CameraMove; at: number } | null = null;
  for (const [move, expression] of expressions) {
    const at = text.search(expression);
    if (at >= 0 && (found === null || at < found.at)) found = { move, at };
  }
  const slow =
    /\b(slow|slowly|gentle|gently|subtle|calm|lento|langsam|lent|медленн\p{L}*)\b|缓慢|ゆっくり/u.test(text);
  const fast = /\b(fast|quick|quickly|rapid|whip|energetic|dynamic)\b/.test(text);
  return {
    move: found?.move ?? null,
    speed: slow ? 0.55 : fast ? 1.6 : 1,
    handheld: /\b(hand[- ]?held|shaky|shaking|documentary|guerrilla)\b/.test(text),
    grain: /\b(grain|grainy|16 ?mm|35 ?mm|8 ?mm|super[- ]?8|film stock|vintage|vhs)\b/.test(text),
  };
}
