/** TypeBox, so that a package of its own writes its schemas with the copy that checks them, and needs no other. */
export { type Static, type TSchema, Type } from 'typebox';
