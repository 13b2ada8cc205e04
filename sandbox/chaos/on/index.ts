/** The chains that chaos covers. A further one is a file beside these, and a line here. */
import { onEthereum } from './ethereum.ts';
import type { Ground } from './ground.ts';
import { onLitecoin } from './litecoin.ts';
import { onNem } from './nem.ts';

export const grounds = { nem: onNem, litecoin: onLitecoin, ethereum: onEthereum } as const satisfies Record<
  string,
  Ground
>;
export type GroundName = keyof typeof grounds;
