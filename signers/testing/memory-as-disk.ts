/** Loaded before a ceremony’s program: has file systems in memory pass for disks, so that a test can put media in and take them out. */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const told = fs.statfsSync;
const ext4 = 0xef53;
fs.statfsSync = ((path: string) => Object.assign(told(path), { type: ext4 })) as typeof told;
syncBuiltinESMExports();
