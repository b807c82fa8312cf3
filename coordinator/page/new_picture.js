// Pictures of a job that is being written: files of this computer, and those that
// another job has. Files are sent once the job is submitted.
//
// A picture: {digest, name, width, height, file, view}; of another job's `file` is
// null. `view`: an element that shows it.
import {ApiError, artifactUrl} from '/page/api.js';
import {digestOf} from '/page/sha256.js';
import {make} from '/page/viewer/dom.js';
import {clipped} from '/page/viewer/text.js';

const VIEW_PX = 192;
const MOST_NAME = 255;
export const PICTURE_TYPES = 'image/png,image/jpeg,image/webp';

// Why a file is no picture of a job.
export class PictureError extends Error {}

export function bytesText(bytes) {
  if (bytes < 1000) return `${bytes} bytes`;
  const power = Math.min(3, Math.floor(Math.log10(bytes) / 3));
  const number = bytes / 1000 ** power;
  return `${number < 10 ? number.toFixed(1) : Math.round(number)} ${['', 'kB', 'MB', 'GB'][power]}`;
}

// Whether these first bytes are those of a picture that workers and browsers read.
export function isPicture(bytes) {
  const text = String.fromCharCode(...bytes.subarray(0, 12));
  return text.startsWith('\x89PNG\r\n\x1a\n') || text.startsWith('\xff\xd8\xff') || (text.startsWith('RIFF') && text.slice(8) === 'WEBP');
}

// How large it is once it is turned as it says, and a small one of it.
async function lookAt(file) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(file, {imageOrientation: 'from-image'});
  } catch {
    throw new PictureError('it is broken, or larger than this browser reads');
  }
  const {width, height} = bitmap;
  const scale = Math.min(1, VIEW_PX / Math.max(width, height));
  const view = make('canvas', {width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)), 'aria-hidden': 'true'});
  view.getContext('2d').drawImage(bitmap, 0, 0, view.width, view.height);
  bitmap.close();
  return {width, height, view};
}

// Throws PictureError.
export async function readPicture(file, mostBytes) {
  if (mostBytes > 0 && file.size > mostBytes) throw new PictureError(`it is ${bytesText(file.size)}; at most ${bytesText(mostBytes)}`);
  try {
    if (!isPicture(new Uint8Array(await file.slice(0, 12).arrayBuffer()))) throw new PictureError('it is no PNG, JPEG or WebP picture');
    const seen = await lookAt(file);
    return {...seen, file, digest: await digestOf(file), name: clipped(file.name, MOST_NAME) || 'picture'};
  } catch (error) {
    if (error instanceof PictureError) throw error;
    throw new PictureError('it cannot be read');  // It went, or is a folder.
  }
}

// One that a job has: its ImageDescription.
export function storedPicture({digest, name, width_px: width, height_px: height}, jobId) {
  const view = make('img', {src: `${artifactUrl(digest, jobId)}&thumbnail_px=256`, alt: '', decoding: 'async', onerror: () => view.remove()});
  return {digest, name: name ?? '', width, height, file: null, view};
}

// Sends a picture's file; `progress` is called with the share that is sent.
// Throws ApiError. `signal` breaks off, and nothing is thrown then.
export function sendPicture({digest, file}, {progress, signal}) {
  return new Promise((done, failed) => {
    const request = new XMLHttpRequest();  // fetch() says of no upload how far it is.
    request.open('PUT', `/api/v1/artifacts/${digest}`);
    request.setRequestHeader('Content-Type', 'application/octet-stream');
    request.upload.onprogress = (event) => progress(event.total > 0 ? event.loaded / event.total : 0);
    request.onload = () => {
      if (request.status === 200) return done();
      let message = `HTTP ${request.status}`;
      try { message = JSON.parse(request.responseText).error.message; } catch { /* A proxy's page. */ }
      failed(new ApiError(request.status, message));
    };
    request.onerror = () => failed(new ApiError(0, 'The coordinator does not answer, or the file changed since it was chosen.'));
    signal.addEventListener('abort', () => request.abort());
    request.send(file);
  });
}
