/** The part of fs-native-extensions that the store uses; the package ships no types. */
declare module "fs-native-extensions" {
  /** Takes a lock on an open file, exclusive unless it is to be shared, or says that another open file holds it. */
  export function tryLock(fd: number, options?: { readonly shared: boolean }): boolean;
}
