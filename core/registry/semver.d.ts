/** The one function of `semver` that is used. */
declare module 'semver/functions/satisfies.js' {
  /** False for a range that is none. */
  export default function satisfies(version: string, range: string): boolean;
}
