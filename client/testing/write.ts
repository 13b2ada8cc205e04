/** `npm run generate`: writes what is made from custody's routes: the OpenAPI document and the client's types. */
import { writeFileSync } from 'node:fs';
import { generated } from './generated.ts';

for (const { file, text } of generated()) writeFileSync(file, text);
