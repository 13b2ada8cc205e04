/** ECDSA over secp256k1 with derived nonces, and private derivation by BIP 32, for the codecs of chains whose keys are on it. */
export { nonceOf, scalarOf, secretBytes, signParts, writeNumber, type Parts } from './signing.ts';
export {
  fingerprintOf,
  hardened,
  masterOf,
  privateAt,
  privateChildOf,
  wipe,
  type PrivateNode,
} from './private-node.ts';
