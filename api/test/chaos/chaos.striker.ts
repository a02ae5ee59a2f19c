import { errorMessage } from '../../shared/errors';
import type { Random } from '../../shared/random';
import type { Blow } from './chaos.plan';
import type { ChaosStage } from './chaos.stage';

/** Does the blows. A blow resolves to whether it met something. */
export function createStriker(stage: ChaosStage, random: Random, onDatabaseBack: () => void) {
  /** The database and the store are brought down one after the other, not twice at once. */
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = (work: () => Promise<void>) => {
    const done = turn.then(work);
    turn = done.catch(() => undefined);
    return done.then(() => true);
  };
  return async (blow: Blow): Promise<boolean> => {
    switch (blow.kind) {
      case 'kill':
        return (await stage.machine(blow.target)?.kill(blow.downMs)) ?? false;
      case 'terminate':
        return (await stage.machine(blow.target)?.terminate(blow.downMs)) ?? false;
      case 'stop':
        return (await stage.machine(blow.target)?.freeze(blow.forMs)) ?? false;
      case 'lose-disk':
        return (await stage.machine(blow.target)?.loseDisk()) ?? false;
      case 'kill-program': {
        const [pid] = [...(await stage.programs()).keys()].sort(() => random.next() - 0.5);
        if (pid === undefined) return false;
        return killIfThere(pid);
      }
      case 'postgres':
        return inTurn(async () => {
          await (blow.how === 'crash' ? stage.postgres.crash() : stage.postgres.restart());
          onDatabaseBack();
        });
      case 'kill-store':
        return inTurn(() => stage.killStore());
      case 's3-fault':
        await stage.proxy.inject(blow.rule);
        return true;
      case 's3-outage': {
        const outage = await stage.proxy.inject({ fault: { kind: 'refuse' } });
        await Bun.sleep(blow.forMs);
        await outage.remove();
        return true;
      }
      case 'provider-fault':
        return stage.providers.fault(random);
    }
  };
}

function killIfThere(pid: number): boolean {
  try {
    process.kill(pid, 'SIGKILL');
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
    throw new Error(`Process ${pid} can't be killed: ${errorMessage(error)}`);
  }
}
