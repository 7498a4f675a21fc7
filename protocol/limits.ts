/** Bounds of everything that crosses the wire. Each is checked where the bytes come in. */

/** REST body. An order with 50 items and every text at its longest is under 16 KB. */
export const BODY_BYTES_MAX = 64 * 1024;
/**
 * REST body of what operators and service accounts provision. A menu of 500 items with every text at
 * its longest is under 250 KB, a ring of 2,000 corners under 120 KB.
 */
export const PROVISIONING_BODY_BYTES_MAX = 512 * 1024;
/** WebSocket frame from a courier: 170 fixes, or a command. A longer one closes with 1009. */
export const COURIER_FRAME_BYTES_MAX = 4 * 1024;
/**
 * WebSocket frame from anybody else. A longer one closes with 1009; one of more than 1 MB cuts the
 * connection, for that is where the socket library stops reading (gateway/uws.ts).
 */
export const FRAME_BYTES_MAX = 64 * 1024;
/** Older fixes are dropped by the engine, and not kept by clients that are offline. */
export const FIX_AGE_MS_MAX = 5 * 60_000;
/** Topics that one socket may listen to. */
export const TOPICS_PER_SOCKET_MAX = 128;
/**
 * Events of one topic that are remembered for those who come back, 1 KB or so each: what is missed at
 * most must fit SOCKET_BACKLOG_BYTES_MAX. Of more a snapshot tells quicker.
 */
export const TOPIC_EVENTS_MAX = 128;
/** Bytes waiting for one socket before it counts as slow. */
export const SOCKET_BACKLOG_BYTES_MAX = 256 * 1024;
/** A socket that says nothing for so long is closed; the server's pings keep a live one open. */
export const SOCKET_IDLE_SECONDS = 32;

/** An access token. Ours are under 400 characters; more is not worth hashing. */
export const TOKEN_LENGTH_MAX = 1_024;
/** Of H3: cells of 0.7 km². */
export const HEAT_RESOLUTION_MAX = 8;
/** Of a courier's way with an order; 100 bytes each. */
export const TRACK_POINTS_MAX = 500;
export const ITEMS_PER_ORDER_MAX = 50;
export const QUANTITY_MAX = 50;
export const MENU_ITEMS_MAX = 500;
export const ID_LENGTH_MAX = 64;
export const IDEMPOTENCY_KEY_LENGTH_MAX = 255;
/** As messages.ts has it: a UUID. */
export const REQUEST_ID_LENGTH_MAX = 36;
/** 10 million in the currency's minor unit: no meal costs more, and sums stay far below 2^53. */
export const AMOUNT_MINOR_MAX = 1_000_000_000;
export const PREPARATION_SECONDS_MAX = 4 * 3600;
