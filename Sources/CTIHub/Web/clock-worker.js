// Waits on behalf of clock.js: `{id, milliseconds}` in, the `id` back when the time is up.
onmessage = ({ data }) => setTimeout(() => postMessage(data.id), data.milliseconds);
