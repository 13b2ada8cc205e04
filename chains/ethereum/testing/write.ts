/** Writes what our Solidity compiles to: run it after a change of a contract, with `node chains/ethereum/testing/write.ts`. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { codeModule, compile, compiledIn, contracts, sets } from './compile.ts';

for (const folder of sets) writeFileSync(compiledIn(folder), `${JSON.stringify(compile(folder), null, 2)}\n`);
writeFileSync(
  fileURLToPath(new URL('../codec/forwarder-code.ts', import.meta.url)),
  codeModule(compile(contracts)),
);
