/** A variable of the environment that the service cannot start with. The text names it and says what it must be. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Reads variables one by one and remembers which ones exist, so that a misspelt `HAVEN_…` stops the start instead of
 * being ignored.
 */
export class EnvironmentReader {
  readonly #variables: Variables;
  readonly #known = new Set<string>();

  constructor(variables: Variables) {
    this.#variables = variables;
  }

  text(name: string, fallback: string): string {
    return this.optional(name) ?? fallback;
  }

  /** The value, or undefined where it is unset or empty. */
  optional(name: string): string | undefined {
    this.#known.add(name);
    const value = this.#variables[name];
    return value === undefined || value === '' ? undefined : value;
  }

  integer(name: string, fallback: number, range: { min: number; max: number }): number {
    const text = this.optional(name);
    if (text === undefined) return fallback;
    const value = Number(text);
    if (!/^-?\d+$/.test(text) || value < range.min || value > range.max) {
      throw new ConfigError(`${name} is "${text}", must be a whole number from ${range.min} to ${range.max}`);
    }
    return value;
  }

  flag(name: string, fallback: boolean): boolean {
    return this.choice(name, fallback ? 'true' : 'false', ['true', 'false']) === 'true';
  }

  choice<T extends string>(name: string, fallback: T, allowed: readonly T[]): T {
    const text = this.optional(name) ?? fallback;
    const found = allowed.find((value) => value === text);
    if (found === undefined) throw new ConfigError(`${name} is "${text}", must be one of ${allowed.join(', ')}`);
    return found;
  }

  json(name: string): unknown {
    const text = this.optional(name);
    if (text === undefined) return undefined;
    try {
      return JSON.parse(text);
    } catch {
      throw new ConfigError(`${name} is not JSON`);
    }
  }

  /** @throws ConfigError for the first `HAVEN_…` variable that nothing has asked for. */
  refuseUnknown(prefix: string): void {
    const unknown = Object.keys(this.#variables).find((name) => name.startsWith(prefix) && !this.#known.has(name));
    if (unknown !== undefined) throw new ConfigError(`${unknown} is not a setting of this service`);
  }
}
