/** The same for the process that holds an HSM's library, which is native code: it keeps the way open, and holds nothing else. */
import { closeMemory } from './close.ts';

closeMemory('kept');
