import protobuf from 'protobufjs/light.js';

/*
 * The part of TensorFlow's event.proto and summary.proto that is written here; field numbers are theirs.
 */
const root = protobuf.Root.fromJSON({
  nested: {
    Event: {
      oneofs: { what: { oneof: ['fileVersion', 'summary'] } },
      fields: {
        wallTime: { type: 'double', id: 1 },
        step: { type: 'int64', id: 2 },
        fileVersion: { type: 'string', id: 3 },
        summary: { type: 'Summary', id: 5 },
      },
    },
    Summary: {
      fields: { value: { rule: 'repeated', type: 'Value', id: 1 } },
      nested: {
        Value: {
          oneofs: { value: { oneof: ['simpleValue', 'image', 'histo'] } },
          fields: {
            tag: { type: 'string', id: 1 },
            simpleValue: { type: 'float', id: 2 },
            image: { type: 'Image', id: 4 },
            histo: { type: 'Histogram', id: 5 },
          },
        },
        Image: {
          fields: {
            height: { type: 'int32', id: 1 },
            width: { type: 'int32', id: 2 },
            colorspace: { type: 'int32', id: 3 },
            encodedImageString: { type: 'bytes', id: 4 },
          },
        },
        Histogram: {
          fields: {
            min: { type: 'double', id: 1 },
            max: { type: 'double', id: 2 },
            num: { type: 'double', id: 3 },
            sum: { type: 'double', id: 4 },
            sumSquares: { type: 'double', id: 5 },
            bucketLimit: { rule: 'repeated', type: 'double', id: 6, options: { packed: true } },
            bucket: { rule: 'repeated', type: 'double', id: 7, options: { packed: true } },
          },
        },
      },
    },
  },
});
const eventType = root.lookupType('Event');

export interface ImageSummary {
  readonly height: number;
  readonly width: number;
  /** 1: grey, 3: RGB. */
  readonly colorspace: 1 | 3;
  /** A PNG file. */
  readonly encodedImageString: Uint8Array;
}

export interface HistogramSummary {
  readonly min: number;
  readonly max: number;
  readonly num: number;
  readonly sum: number;
  readonly sumSquares: number;
  /** Upper ends of the buckets, ascending, and how many values lie in each. */
  readonly bucketLimit: readonly number[];
  readonly bucket: readonly number[];
}

export type SummaryValue = { readonly tag: string } & (
  | { readonly simpleValue: number }
  | { readonly image: ImageSummary }
  | { readonly histo: HistogramSummary }
);

export type EventMessage = { readonly wallTime: number; readonly step?: number } & (
  | { readonly fileVersion: string }
  | { readonly summary: { readonly value: readonly SummaryValue[] } }
);

export const encodeEvent = (event: EventMessage): Uint8Array =>
  eventType.encode(eventType.create(event)).finish();
