/** What a program may write for a header; an array is one header with several values: `ARRAY::a|:b`. */
export type HeaderValue = string | number | boolean | readonly string[]

/** Headers by name, or pairs in their order, in which a name may come twice. */
export type HeadersInput =
  | { readonly [name: string]: HeaderValue | undefined }
  | readonly (readonly [name: string, value: HeaderValue])[]
