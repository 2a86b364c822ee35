// The pages' files, put into the binary at compile time: the daemon is one file and reads none of these when it runs.
// #embed is C23, and the compiler knows that a file changed. A new file needs its lines here; a test says so.

#include "CWebAssets.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

#define ASSET(file, bytes) {file, bytes, sizeof bytes}

static const unsigned char agent_api_js[] = {
#embed "../CTIHub/Web/agent-api.js"
};
static const unsigned char agent_cards_js[] = {
#embed "../CTIHub/Web/agent-cards.js"
};
static const unsigned char agent_dial_js[] = {
#embed "../CTIHub/Web/agent-dial.js"
};
static const unsigned char agent_frames_js[] = {
#embed "../CTIHub/Web/agent-frames.js"
};
static const unsigned char agent_matches_js[] = {
#embed "../CTIHub/Web/agent-matches.js"
};
static const unsigned char agent_model_js[] = {
#embed "../CTIHub/Web/agent-model.js"
};
static const unsigned char agent_opener_js[] = {
#embed "../CTIHub/Web/agent-opener.js"
};
static const unsigned char agent_phone_queue_js[] = {
#embed "../CTIHub/Web/agent-phone-queue.js"
};
static const unsigned char agent_plugins_js[] = {
#embed "../CTIHub/Web/agent-plugins.js"
};
static const unsigned char agent_session_js[] = {
#embed "../CTIHub/Web/agent-session.js"
};
static const unsigned char agent_softphone_js[] = {
#embed "../CTIHub/Web/agent-softphone.js"
};
static const unsigned char agent_view_js[] = {
#embed "../CTIHub/Web/agent-view.js"
};
static const unsigned char agent_css[] = {
#embed "../CTIHub/Web/agent.css"
};
static const unsigned char agent_html[] = {
#embed "../CTIHub/Web/agent.html"
};
static const unsigned char agent_js[] = {
#embed "../CTIHub/Web/agent.js"
};
static const unsigned char board_columns_js[] = {
#embed "../CTIHub/Web/board-columns.js"
};
static const unsigned char board_data_js[] = {
#embed "../CTIHub/Web/board-data.js"
};
static const unsigned char board_feed_js[] = {
#embed "../CTIHub/Web/board-feed.js"
};
static const unsigned char board_filters_js[] = {
#embed "../CTIHub/Web/board-filters.js"
};
static const unsigned char board_frame_js[] = {
#embed "../CTIHub/Web/board-frame.js"
};
static const unsigned char board_grid_js[] = {
#embed "../CTIHub/Web/board-grid.js"
};
static const unsigned char board_table_css[] = {
#embed "../CTIHub/Web/board-table.css"
};
static const unsigned char board_theme_css[] = {
#embed "../CTIHub/Web/board-theme.css"
};
static const unsigned char board_tiles_js[] = {
#embed "../CTIHub/Web/board-tiles.js"
};
static const unsigned char board_css[] = {
#embed "../CTIHub/Web/board.css"
};
static const unsigned char board_html[] = {
#embed "../CTIHub/Web/board.html"
};
static const unsigned char board_js[] = {
#embed "../CTIHub/Web/board.js"
};
static const unsigned char clock_worker_js[] = {
#embed "../CTIHub/Web/clock-worker.js"
};
static const unsigned char clock_js[] = {
#embed "../CTIHub/Web/clock.js"
};
static const unsigned char openapi_yaml[] = {
#embed "../CTIHub/Web/openapi.yaml"
};
static const unsigned char page_js[] = {
#embed "../CTIHub/Web/page.js"
};
static const unsigned char stream_js[] = {
#embed "../CTIHub/Web/stream.js"
};
static const unsigned char theme_css[] = {
#embed "../CTIHub/Web/theme.css"
};

static const CTIWebAsset assets[] = {
    ASSET("agent-api.js", agent_api_js),
    ASSET("agent-cards.js", agent_cards_js),
    ASSET("agent-dial.js", agent_dial_js),
    ASSET("agent-frames.js", agent_frames_js),
    ASSET("agent-matches.js", agent_matches_js),
    ASSET("agent-model.js", agent_model_js),
    ASSET("agent-opener.js", agent_opener_js),
    ASSET("agent-phone-queue.js", agent_phone_queue_js),
    ASSET("agent-plugins.js", agent_plugins_js),
    ASSET("agent-session.js", agent_session_js),
    ASSET("agent-softphone.js", agent_softphone_js),
    ASSET("agent-view.js", agent_view_js),
    ASSET("agent.css", agent_css),
    ASSET("agent.html", agent_html),
    ASSET("agent.js", agent_js),
    ASSET("board-columns.js", board_columns_js),
    ASSET("board-data.js", board_data_js),
    ASSET("board-feed.js", board_feed_js),
    ASSET("board-filters.js", board_filters_js),
    ASSET("board-frame.js", board_frame_js),
    ASSET("board-grid.js", board_grid_js),
    ASSET("board-table.css", board_table_css),
    ASSET("board-theme.css", board_theme_css),
    ASSET("board-tiles.js", board_tiles_js),
    ASSET("board.css", board_css),
    ASSET("board.html", board_html),
    ASSET("board.js", board_js),
    ASSET("clock-worker.js", clock_worker_js),
    ASSET("clock.js", clock_js),
    ASSET("openapi.yaml", openapi_yaml),
    ASSET("page.js", page_js),
    ASSET("stream.js", stream_js),
    ASSET("theme.css", theme_css),
};

const CTIWebAsset *cti_web_assets(void) { return assets; }

size_t cti_web_asset_count(void) { return sizeof assets / sizeof assets[0]; }
