import type { Received, Reply } from './double.server';

/** Fails requests that fit, whatever route they are for, before the double looks at them. */
export type FaultRule = {
  method?: string;
  /** Must be in the path. */
  includes?: string;
  /** How often it strikes. Default 1. */
  times?: number;
  reply: Reply;
};

/** The rules in force, first given first struck. */
export function createFaultRules() {
  const rules: { rule: FaultRule; left: number }[] = [];
  let struck = 0;
  return {
    add: (rule: FaultRule) => void rules.push({ rule, left: rule.times ?? 1 }),
    clear: () => void rules.splice(0),
    waiting: () => rules.reduce((sum, { left }) => sum + left, 0),
    struck: () => struck,
    strike({ method, path }: Received): Reply | null {
      const hit = rules.find(
        ({ rule, left }) =>
          left > 0 &&
          (rule.method === undefined || rule.method === method) &&
          (rule.includes === undefined || path.includes(rule.includes)),
      );
      if (hit === undefined) return null;
      hit.left -= 1;
      struck += 1;
      return hit.rule.reply;
    },
  };
}
