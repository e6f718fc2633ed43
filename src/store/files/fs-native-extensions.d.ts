/** The part of fs-native-extensions that the store uses; the package ships no types. */
declare module "fs-native-extensions" {
  /** Takes an exclusive lock on an open file, or says that another open file holds it. */
  export function tryLock(fd: number): boolean;
}
