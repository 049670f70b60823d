/**
 * The version of these contracts, as npm sees it: that of the package `balto`. A package names the versions it works with
 * in its `peerDependencies.balto`; one whose range does not hold this version is refused at the start. Before 1.0 a new
 * minor may change a contract, from 1.0 on only a new major.
 */
export const CONTRACT_VERSION = '0.1.0';
