/** What every process of the house is: its configuration, its life, its log, and where it answers. */
export { ClockConfig, openClock, type Clock } from './clock.ts';
export { countSignatures } from './count.ts';
export { reach } from './die-at.ts';
export {
  Misconfigured,
  readConfig,
  readOwn,
  readJson,
  readSecret,
  readSecretBytes,
  readSeed,
  reasonOf,
} from './config.ts';
export {
  addText,
  openLines,
  overwriteAndRemove,
  replaceBeside,
  replaceFile,
  writeNew,
  type LineFile,
} from './durable.ts';
export { hoursText, localTime, nightOf, usualHours, type UsualHours } from './hours.ts';
export { wouldBeRead } from './modes.ts';
export { run, type Started } from './life.ts';
export { sparingly } from './sparingly.ts';
export { typed, typedUnseen } from './typed.ts';
export { jsonText } from './json.ts';
export { codeOf, permissionFlags, signerRooms, type CodeKind, type Powers } from './powers.ts';
export { digestOf, listOf, measuring, readList, unread, type Measured } from './code/digest.ts';
export { inSlices } from './code/slices.ts';
export { watchOwnCode, type Code, type CodeWatch } from './code/watch.ts';
export { together, type Ask } from './together.ts';
export { log } from './log.ts';
export { visible, visibleLine } from './visible.ts';
export { serveRoutes, type Listening } from './serve.ts';
export { endsSoon, lapse, timeText } from './tls/certificate.ts';
export { Endpoint, Listen } from './tls/endpoint.ts';
export { openHosts, type Hosts } from './tls/hosts.ts';
export { IdentityFiles } from './tls/identity.ts';
