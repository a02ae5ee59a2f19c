/** Scripts are taken in order; one with `when` waits for a create that fits, one with `always` stays. */
export type Scripted<Subject> = {
  when?: (subject: Subject) => boolean;
  always?: boolean;
};

export function createScriptQueue<Subject, Script extends Scripted<Subject>>() {
  const queue: Script[] = [];
  return {
    add: (...scripts: Script[]) => void queue.push(...scripts),
    clear: () => void queue.splice(0),
    waiting: () => queue.length,
    take(subject: Subject): Script | undefined {
      const index = queue.findIndex(({ when }) => when?.(subject) ?? true);
      const script = queue[index];
      if (script !== undefined && !script.always) queue.splice(index, 1);
      return script;
    },
  };
}
