/** The signers: programs over one keystore and one journal. Started as processes; imported only by their own tests and the sandbox. */
export { chainSecretOf, keysOf, openKeystore, type Keys } from './keystore.ts';
export { makeKeystore } from './making.ts';
export { openJournal, type Journal } from './journal.ts';
export { openTiles, type Tiles } from './tiles.ts';
export { signer, type Signer } from './cosigner/signer.ts';
