/**
 * What NIS answers when it throws instead of giving a verdict. The HTTP status follows from the Java class
 * (ExceptionControllerAdvice); the text is the exception's own, since clients have been seen to match it.
 */
export class NisFailure extends Error {
  readonly status: number;
  /** The Java class and message as `Throwable.toString` gives them: what an outer exception quotes. */
  readonly quoted: string;

  constructor(status: number, message: string, quoted: string) {
    super(message);
    this.name = 'NisFailure';
    this.status = status;
    this.quoted = quoted;
  }
}

const serialization = 'org.nem.core.serialization';

/** Bytes or JSON that cannot be read: SerializationException is no subclass that the advice knows, so 500. */
export function unreadable(message: string): NisFailure {
  return new NisFailure(500, message, `${serialization}.SerializationException: ${message}`);
}

export function missing(property: string): NisFailure {
  const message = `expected value for property ${property}, but none was found`;
  return new NisFailure(500, message, `${serialization}.MissingRequiredPropertyException: ${message}`);
}

export function mismatched(property: string): NisFailure {
  const message = `property ${property} has an incompatible value`;
  return new NisFailure(500, message, `${serialization}.TypeMismatchException: ${message}`);
}

export function illegal(message: string, javaClass = 'java.lang.IllegalArgumentException'): NisFailure {
  return new NisFailure(400, message, `${javaClass}: ${message}`);
}

/** MissingResourceException: the advice adds key and class, which the exception's own text does not have. */
export function notFound(message: string, key: string, javaClass: string): NisFailure {
  const quoted = `java.util.MissingResourceException: ${message}`;
  return new NisFailure(404, `${message} '${key}' (${javaClass})`, quoted);
}

/** What is left: the advice answers 500 to every other exception. Java's null for no message is 'null'. */
export function broken(message: string, javaClass: string): NisFailure {
  return new NisFailure(500, message, message === 'null' ? javaClass : `${javaClass}: ${message}`);
}

/** ClassCastException of a JSON value that should have been of another Java class. */
export function miscast(value: unknown, to: string): NisFailure {
  const from = javaClassOf(value);
  const [there, here] = [moduleOf(from), moduleOf(to)];
  const where = there === here ? `${from} and ${to} are ${here}` : `${from} is ${there}; ${to} is ${here}`;
  return broken(`class ${from} cannot be cast to class ${to} (${where})`, 'java.lang.ClassCastException');
}

function javaClassOf(value: unknown): string {
  if (typeof value === 'bigint') {
    if (BigInt.asIntN(32, value) === value) return 'java.lang.Integer';
    return BigInt.asIntN(64, value) === value ? 'java.lang.Long' : 'java.math.BigInteger';
  }
  if (typeof value === 'number') return Number.isNaN(value) ? 'java.lang.Float' : 'java.lang.Double';
  if (typeof value === 'boolean') return 'java.lang.Boolean';
  if (typeof value === 'string') return 'java.lang.String';
  return Array.isArray(value) ? 'net.minidev.json.JSONArray' : 'net.minidev.json.JSONObject';
}

function moduleOf(javaClass: string): string {
  return javaClass.startsWith('java.')
    ? "in module java.base of loader 'bootstrap'"
    : "in unnamed module of loader 'app'";
}

/** BinaryDeserializer.deserializeObject wraps whatever goes wrong inside an object, so that it becomes 500. */
export function nested(cause: unknown): NisFailure {
  return unreadable(cause instanceof NisFailure ? cause.quoted : 'java.lang.NullPointerException');
}
