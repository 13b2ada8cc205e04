/** Acting keys: while somebody's key is known to be stolen, whether the chain still lets it act. A thaw waits for that. */
import type { Control } from '@kuramori/core';
import type { Freezer } from './frozen.ts';
import type { Ours } from './ours.ts';
import type { Testimony } from './testify.ts';

export interface ActingKeys {
  /** Address → whose keys act for it, by the newest look that our nodes agreed on. */
  readonly controls: ReadonlyMap<string, Control>;
  readonly look: () => Promise<void>;
}

export function openActingKeys(
  freezer: Pick<Freezer, 'state'>,
  ours: Pick<Ours, 'called'>,
  { witness }: Pick<Testimony, 'witness'>,
): ActingKeys {
  const controls = new Map<string, Control>();
  return {
    controls,
    async look() {
      for (const name of Object.keys(freezer.state()?.evidence ?? {})) {
        const address = ours.called(name)?.address;
        if (address === undefined) continue;
        const sight = await witness(name);
        // What was true once says nothing of now: then any pinned key may act.
        if (typeof sight === 'string' || !sight.control) controls.delete(address);
        else controls.set(address, sight.control);
      }
    },
  };
}
