/**
 * Lets waiting messages in: resolves after the event loop has turned once. A message to oneself,
 * because timers and frames are slowed down or stopped in a hidden tab.
 */
export function giveWay(): Promise<void> {
  if (typeof setImmediate === 'function') return new Promise((resolve) => setImmediate(resolve));
  return new Promise((resolve) => {
    waiting.push(resolve);
    channel ??= openChannel();
    channel.postMessage(null);
  });
}

const waiting: (() => void)[] = [];
let channel: MessagePort | null = null;

function openChannel(): MessagePort {
  const { port1, port2 } = new MessageChannel();
  port2.onmessage = () => waiting.shift()?.();
  return port1;
}
