/** ECDSA over secp256k1 with derived nonces, for the codecs of chains whose keys are on it. */
export { nonceOf, scalarOf, secretBytes, signParts, writeNumber, type Parts } from './signing.ts';
