/** Writes what our Solidity compiles to: run it after a change of a contract, with `node chains/ethereum/testing/write.ts`. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { codeModules, compile, compiledIn, contracts, sets } from './compile.ts';

for (const folder of sets) writeFileSync(compiledIn(folder), `${JSON.stringify(compile(folder), null, 2)}\n`);
for (const [name, text] of Object.entries(codeModules(compile(contracts))))
  writeFileSync(fileURLToPath(new URL(`../codec/${name}`, import.meta.url)), text);
