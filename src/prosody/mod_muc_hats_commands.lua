-- Lets the owners and admins of a room manage its hats by ad-hoc commands sent to the room's own address.
--
-- XEP-0317 (Hats) 0.3.1: section 2 (discovery, with hats#hash), 3.1 (hats in presence), 3.2 to 3.7 (the six commands).
-- XEP-0050 (Ad-Hoc Commands) 1.3: one stage, so a command can be asked for its form or be given the filled form at once.
-- Left out: xml:lang of titles, and custom payloads inside <hat/>.
--
-- For Prosody 0.12 and 13, on a MUC component. What a room knows is kept with the room: its hats in
-- room._data.hat_catalogue ({ [uri] = { title, hue } }), and what somebody wears in the affiliation data "hats"
-- ({ [uri] = { active, title, hue } }), which is where Prosody's own mod_muc reads it.
--
-- A Prosody module is one file; that is why this one is longer than a file here otherwise is. See docs/prosody-module.md.

assert(module:get_host_type() == "component", "muc_hats_commands belongs to a MUC component");

local dataforms = require "util.dataforms";
local hmac_sha256 = require "util.hashes".hmac_sha256;
local sha1 = require "util.hashes".sha1;
local new_id = require "util.id".medium;
local jid_bare = require "util.jid".bare;
local jid_prep = require "util.jid".prep;
local nameprep = require "util.encodings".stringprep.nameprep;
local random_bytes = require "util.random".bytes;
local st = require "util.stanza";

local mod_muc = module:depends "muc";
local get_room_from_jid, live_rooms = mod_muc.get_room_from_jid, mod_muc.live_rooms;

local xmlns_commands = "http://jabber.org/protocol/commands";
local xmlns_data_form = "jabber:x:data";
local xmlns_hats = "urn:xmpp:hats:0";
local xmlns_hats_legacy = "xmpp:prosody.im/protocol/hats:1";
local xmlns_muc_user = "http://jabber.org/protocol/muc#user";
local form_type = "urn:xmpp:hats:commands";

local max_hats = module:get_option_number("muc_hats_max_hats", 1000);
local max_hats_per_user = module:get_option_number("muc_hats_max_hats_per_user", 100);
local max_assigned = module:get_option_number("muc_hats_max_assigned", 10000);
-- As they are sent, where one character may take six bytes. By default nothing of this fills another Prosody's 512 KB.
local max_hats_bytes = module:get_option_number("muc_hats_max_hats_bytes", 262144);
local max_hats_per_user_bytes = module:get_option_number("muc_hats_max_hats_per_user_bytes", 16384);
local max_assigned_bytes = module:get_option_number("muc_hats_max_assigned_bytes", 491520);
local max_bytes = 1024; -- of a URI, and of a title
local max_options = 100; -- above this a form asks for the URI as text

-- ## Refusals

local refusals = {
	no_room = { type = "cancel", condition = "item-not-found", text = "no such room" };
	no_command = { type = "cancel", condition = "item-not-found", text = "no such command" };
	no_hat = { type = "cancel", condition = "item-not-found", text = "no such hat in this room" };
	not_affiliated = { type = "cancel", condition = "item-not-found", text = "user not affiliated with room" };
	forbidden = { type = "auth", condition = "forbidden", text = "Only owners and admins manage the hats of a room" };
	limit = { type = "cancel", condition = "not-allowed", text = "Hats limit exceeded" };
	not_loaded = { type = "wait", condition = "resource-constraint", text = "The room could not be loaded" };
	not_saved = { type = "wait", condition = "resource-constraint", text = "The room could not be saved; nothing changed" };
};

local function bad_request(reason, text)
	return {
		type = "modify"; condition = "bad-request"; text = text;
		extra = { namespace = xmlns_commands; condition = reason };
	};
end

local function refuse(event, refusal)
	event.origin.send(st.error_reply(event.stanza, refusal));
	return true;
end

-- ## What a room knows of hats

local function get_catalogue(room)
	return room._data.hat_catalogue or {};
end

-- Bare JID and hats of everybody who has any, in the room or not.
local function each_owner_of_hats(room)
	local jid, data;
	return function ()
		repeat
			jid, data = next(room._affiliation_data, jid);
		until jid == nil or data.hats;
		return jid, data and data.hats;
	end
end

local function may_wear(affiliation)
	return affiliation == "owner" or affiliation == "admin" or affiliation == "member";
end

local function with(map, key, value)
	local copy = {};
	for k, v in pairs(map) do copy[k] = v; end
	copy[key] = value;
	return copy;
end

local function count(map)
	local n = 0;
	for _ in pairs(map) do n = n + 1; end
	return n;
end

local function count_assigned(room)
	local n = 0;
	for _, hats in each_owner_of_hats(room) do n = n + count(hats); end
	return n;
end

-- Title, then URI. nameprep folds case, so that "beta" does not come after "Zeta".
local function by_title(a, b)
	if a.key ~= b.key then return a.key < b.key; end
	if a.title ~= b.title then return a.title < b.title; end
	if a.uri ~= b.uri then return a.uri < b.uri; end
	return (a.jid or "") < (b.jid or "");
end

-- Other modules leave the title away, but there are clients that drop a presence over that.
local function shown_title(uri, hat)
	return type(hat.title) == "string" and hat.title or uri;
end

-- A hat as it is shown.
local function new_row(uri, hat, jid)
	local title = shown_title(uri, hat);
	return { uri = uri; title = title; hue = hat.hue and tostring(hat.hue); jid = jid; key = nameprep(title) or title };
end

local function sorted_catalogue(room)
	local rows = {};
	for uri, hat in pairs(get_catalogue(room)) do rows[#rows + 1] = new_row(uri, hat); end
	table.sort(rows, by_title);
	return rows;
end

local function sorted_active(hats)
	local rows = {};
	for uri, hat in pairs(hats) do
		if hat.active then rows[#rows + 1] = new_row(uri, hat); end
	end
	table.sort(rows, by_title);
	return rows;
end

local function sorted_assigned(room)
	local rows = {};
	for jid, hats in each_owner_of_hats(room) do
		for uri, hat in pairs(hats) do
			if hat.active then rows[#rows + 1] = new_row(uri, hat, jid); end
		end
	end
	table.sort(rows, function (a, b)
		if a.jid ~= b.jid then return a.jid < b.jid; end
		return by_title(a, b);
	end);
	return rows;
end

local function sorted_worn(room)
	local rows, seen = {}, {};
	for _, row in ipairs(sorted_assigned(room)) do
		if not seen[row.uri] then
			seen[row.uri] = true;
			rows[#rows + 1] = row;
		end
	end
	table.sort(rows, by_title);
	return rows;
end

-- ## What commands change: each plans it without doing it yet
--
-- A plan is what to say, and what is to be different: `catalogue`, all hats that the room knows from now on (absent: the same);
-- `hats`, by bare JID all hats of that person from now on; `shown`, by bare JID whether others can see the difference.
-- No plan and a refusal is the other outcome.

local nothing_changed = "Nothing changed.";

local function plan_create(room, values)
	local uri, title, hue = values["hats#uri"], values["hats#title"], values["hats#hue"];
	local catalogue = get_catalogue(room);
	local known = catalogue[uri];
	if not known and count(catalogue) >= max_hats then return nil, refusals.limit; end

	local changed_hats, shown = {}, {};
	for jid, hats in each_owner_of_hats(room) do
		local hat = hats[uri];
		if hat and (hat.title ~= title or hat.hue ~= hue) then
			changed_hats[jid] = with(hats, uri, with(with(hat, "title", title), "hue", hue));
			shown[jid] = hat.active;
		end
	end
	local same = known and known.title == title and known.hue == hue;
	if same and next(changed_hats) == nil then return { note = nothing_changed }; end
	return {
		note = known and "The hat was changed." or "The hat was created.";
		catalogue = with(catalogue, uri, { title = title; hue = hue }); hats = changed_hats; shown = shown;
	};
end

local function plan_destroy(room, values)
	local uri = values["hats#uri"];
	local catalogue = get_catalogue(room);
	local changed_hats, shown = {}, {};
	for jid, hats in each_owner_of_hats(room) do
		if hats[uri] then
			changed_hats[jid] = with(hats, uri, nil);
			shown[jid] = hats[uri].active;
		end
	end
	if not catalogue[uri] and next(changed_hats) == nil then return { note = nothing_changed }; end
	return { note = "The hat was destroyed."; catalogue = with(catalogue, uri, nil); hats = changed_hats; shown = shown };
end

local function plan_assign(room, values)
	local jid, uri = values["hats#jid"], values["hats#uri"];
	local known = get_catalogue(room)[uri];
	if not known then return nil, refusals.no_hat; end
	if not may_wear(room:get_affiliation(jid)) then return nil, refusals.not_affiliated; end

	local hats = room:get_affiliation_data(jid, "hats") or {};
	local hat = hats[uri];
	if hat and hat.active and hat.title == known.title and hat.hue == known.hue then return { note = nothing_changed }; end
	if not hat and (count(hats) >= max_hats_per_user or count_assigned(room) >= max_assigned) then
		return nil, refusals.limit;
	end

	local worn = with(hat or {}, "active", true);
	worn.title, worn.hue = known.title, known.hue;
	return { note = "The hat was assigned."; hats = { [jid] = with(hats, uri, worn) }; shown = { [jid] = true } };
end

local function plan_unassign(room, values)
	local jid, uri = values["hats#jid"], values["hats#uri"];
	local hats = room:get_affiliation_data(jid, "hats") or {};
	local hat = hats[uri];
	if not hat then return { note = nothing_changed }; end
	return { note = "The hat was removed."; hats = { [jid] = with(hats, uri, nil) }; shown = { [jid] = hat.active } };
end

-- ## Doing it

-- In place of room:set_affiliation_data(), which would save the room once for each person.
local function put_hats(room, jid, hats)
	local data = room._affiliation_data[jid] or {};
	data.hats = hats and next(hats) ~= nil and hats or nil;
	room._affiliation_data[jid] = next(data) ~= nil and data or nil;
end

local function apply(room, plan)
	plan.old_catalogue, plan.old_hats = room._data.hat_catalogue, {};
	if plan.catalogue then room._data.hat_catalogue = plan.catalogue; end
	for jid, hats in pairs(plan.hats) do
		plan.old_hats[jid] = room:get_affiliation_data(jid, "hats");
		put_hats(room, jid, hats);
	end
end

local function revert(room, plan)
	if plan.catalogue then room._data.hat_catalogue = plan.old_catalogue; end
	for jid in pairs(plan.hats) do put_hats(room, jid, plan.old_hats[jid]); end
end

-- Shows everybody the presence of these people again. Presence alone: roles and affiliations stay as they are.
local function show_again(room, jids)
	local occupants = {};
	for _, occupant in room:each_occupant() do
		if jids[occupant.bare_jid] then occupants[#occupants + 1] = occupant; end
	end
	for _, occupant in ipairs(occupants) do
		room:publicise_occupant_status(occupant, st.stanza("x", { xmlns = xmlns_muc_user }));
	end
end

local function tell_of_configuration(room)
	room:broadcast_message(st.message({ type = "groupchat", from = room.jid })
		:tag("x", { xmlns = xmlns_muc_user }):tag("status", { code = "104" }):reset());
end

local function tell(room, plan)
	for jid, hats in pairs(plan.hats) do
		module:fire_event("muc-set-affiliation-data/hats", {
			room = room; jid = jid; key = "hats"; value = next(hats) ~= nil and hats or nil; old_value = plan.old_hats[jid];
		});
	end
	show_again(room, plan.shown);
	if plan.catalogue then tell_of_configuration(room); end
end

-- Asking for the room by its JID could load it again, and where mod_muc is being unloaded its occupants would be gone with
-- that: they are saved for one loading. The room that was used last comes first here.
local function is_live(room)
	for live in live_rooms() do
		if live == room then return true; end
	end
	return false;
end

-- A room that left memory in the meantime was saved with all it had; one that was destroyed must not come back.
local function save(room)
	if not is_live(room) then return true; end
	-- A storage driver may raise its errors, and so does what writes a room that another module put something odd into.
	local ran, saved, err = pcall(room.save, room, true);
	if not ran then saved, err = nil, saved; end
	-- Of a room that is not persistent nothing is kept. What it left on the disk when it was out of memory is older: it is
	-- removed by this, or it would be what a crash leaves.
	if saved or not err or not room:get_persistent() then return true; end
	module:log("error", "Could not save the hats of %s: %s", room.jid, err);
	return false;
end

-- Saving writes the whole room, so all commands of one turn of the event loop share it. Until it is done none of them is
-- answered, nor is any that may have read what they changed; what cannot be saved is taken back.
local batches = {};

local function finish_batch(room)
	local batch = batches[room];
	batches[room] = nil;
	local saved = save(room);
	if not saved then
		for i = #batch, 1, -1 do
			if batch[i].plan then revert(room, batch[i].plan); end
		end
	end
	for _, command in ipairs(batch) do
		if saved and command.plan then
			local ok, err = pcall(tell, room, command.plan);
			if not ok then module:log("error", "Could not tell %s of its hats: %s", room.jid, err); end
		end
		command.event.origin.send(saved and command.answer or st.error_reply(command.event.stanza, refusals.not_saved));
	end
end

local function answer_when_saved(room, event, answer, plan)
	local batch = batches[room];
	if not plan and not batch then return event.origin.send(answer); end
	if plan then apply(room, plan); end
	if not batch then
		batch = {};
		batches[room] = batch;
		module:add_timer(0, function () if batches[room] then finish_batch(room); end end);
	end
	batch[#batch + 1] = { plan = plan; event = event; answer = answer };
end

-- Whoever loses their affiliation before a batch is done has nothing in it that could be told or taken back any more.
local function leave_batch(room, jid)
	for _, command in ipairs(batches[room] or {}) do
		if command.plan then command.plan.hats[jid], command.plan.shown[jid] = nil, nil; end
	end
end

function module.unload()
	for room in pairs(batches) do finish_batch(room); end
end

-- ## Fields: each reads its text into a value, or says what is wrong with it

local function read_jid(text)
	local jid = jid_prep(text);
	if not jid then return nil, "not a JID"; end
	return jid_bare(jid);
end

local function read_uri(text)
	if #text > max_bytes then return nil, "longer than "..max_bytes.." bytes"; end
	-- RFC 3986: a scheme, then only characters that a URI may hold
	if text:match("^%a[%w+.-]*:[%w%-._~!$&'()*+,;=:@/?#%%%[%]]+$") then return text; end
	return nil, "not an absolute URI";
end

local function read_title(text)
	if #text > max_bytes then return nil, "longer than "..max_bytes.." bytes"; end
	if not text:find("%S") then return nil, "empty"; end
	-- ASCII control characters, then those of U+0080 to U+009F as UTF-8
	if text:find("%c") or text:find("\194[\128-\159]") then return nil, "has a control character"; end
	-- U+2028 to U+202E and U+2066 to U+2069: they break the line, or turn what stands around the title
	if text:find("\226\128[\168-\174]") or text:find("\226\129[\166-\169]") then return nil, "has a direction character"; end
	return text;
end

local function read_hue(text)
	local hue = #text <= 20 and text:match("^%d+%.?%d*$") and tonumber(text);
	if hue and hue <= 360 then return text; end
	return nil, "not a number from 0 to 360";
end

local field_jid = { var = "hats#jid"; type = "jid-single"; label = "User address"; required = true; read = read_jid };
local field_uri = { var = "hats#uri"; type = "text-single"; label = "Hat URI"; required = true; read = read_uri };
local field_title = { var = "hats#title"; type = "text-single"; label = "Hat title"; required = true; read = read_title };
local field_hue = { var = "hats#hue"; type = "text-single"; label = "Hat hue (0 to 360)"; read = read_hue };

-- The field that chooses one of these hats; equal titles are told apart by their URIs.
local function choose_hat(rows)
	if #rows > max_options then return field_uri; end
	local titles = {};
	for _, row in ipairs(rows) do titles[row.title] = (titles[row.title] or 0) + 1; end
	local options = {};
	for i, row in ipairs(rows) do
		options[i] = { value = row.uri; label = titles[row.title] > 1 and row.title.." ("..row.uri..")" or row.title };
	end
	return { var = "hats#uri"; type = "list-single"; label = "The hat"; required = true; options = options };
end

local function given_values(form)
	local given = {};
	for field in form:childtags("field") do
		local var = field.attr.var or "";
		for value in field:childtags("value") do
			if given[var] then return nil, bad_request("bad-payload", var..": more than one value"); end
			given[var] = value:get_text() or "";
		end
	end
	return given;
end

-- Reads a submitted form. `hat` is what XEP-0317's form for destroying and ejabberd call `hats#uri`.
local function read_form(fields, form)
	if form.attr.type ~= "submit" then return nil, bad_request("bad-payload", "The form is not a submitted one"); end
	local given, problem = given_values(form);
	if not given then return nil, problem; end
	if given.FORM_TYPE and given.FORM_TYPE ~= form_type then
		return nil, bad_request("bad-payload", "FORM_TYPE: not "..form_type);
	end
	if given.hat and given["hats#uri"] and given.hat ~= given["hats#uri"] then
		return nil, bad_request("bad-payload", "hat: not the same as hats#uri");
	end
	given["hats#uri"] = given["hats#uri"] or given.hat;

	local values = {};
	for _, field in ipairs(fields) do
		local text = given[field.var] or "";
		if text ~= "" then
			values[field.var], problem = field.read(text);
			if problem then return nil, bad_request("bad-payload", field.var..": "..problem); end
		elseif field.required then
			return nil, bad_request("bad-payload", field.var..": missing");
		end
	end
	return values;
end

-- ## The commands

local function new_form(title, instructions, ...)
	return dataforms.new {
		title = title; instructions = instructions;
		{ var = "FORM_TYPE"; type = "hidden"; value = form_type };
		...
	}:form();
end

-- The cell of the column "hats#title" is row.title, and so on.
local function new_table(title, fields, rows)
	local result = st.stanza("x", { xmlns = xmlns_data_form; type = "result" }):text_tag("title", title):tag("reported");
	for _, field in ipairs(fields) do
		result:tag("field", { var = field.var; type = field.type; label = field.label }):up();
	end
	result:up();
	for _, row in ipairs(rows) do
		result:tag("item");
		for _, field in ipairs(fields) do
			result:tag("field", { var = field.var }):text_tag("value", row[field.var:match("#(.*)")] or ""):up();
		end
		result:up();
	end
	return result;
end

local list_columns = { field_title; field_uri; field_hue };
local list_assigned_columns = { field_jid; field_uri; field_title; field_hue };

local commands = {
	["urn:xmpp:hats:commands:create"] = {
		name = "Create or change a hat"; plan = plan_create; fields = { field_title; field_uri; field_hue };
		form = function ()
			return new_form("Creating a hat", "Fill out this form to create a hat, or to change the one with this URI.",
				field_title, field_uri, field_hue);
		end;
	};
	["urn:xmpp:hats:commands:destroy"] = {
		name = "Destroy a hat"; plan = plan_destroy; fields = { field_uri };
		form = function (room)
			return new_form("Destroying a hat", "Everybody who wears the hat loses it.", choose_hat(sorted_catalogue(room)));
		end;
	};
	["urn:xmpp:hats:commands:assign"] = {
		name = "Assign a hat"; plan = plan_assign; fields = { field_jid; field_uri };
		form = function (room)
			return new_form("Assigning a hat", "Choose a hat for an owner, admin or member of this room.",
				field_jid, choose_hat(sorted_catalogue(room)));
		end;
	};
	["urn:xmpp:hats:commands:unassign"] = {
		name = "Remove a hat from somebody"; plan = plan_unassign; fields = { field_jid; field_uri };
		form = function (room)
			return new_form("Removing a hat", "Choose who is to lose which hat.", field_jid, choose_hat(sorted_worn(room)));
		end;
	};
	["urn:xmpp:hats:commands:list"] = {
		name = "List the hats of the room";
		table = function (room)
			return new_table("Hats List", list_columns, sorted_catalogue(room));
		end;
	};
	["urn:xmpp:hats:commands:list-assigned"] = {
		name = "List who wears which hat";
		table = function (room)
			return new_table("Assigned Hats List", list_assigned_columns, sorted_assigned(room));
		end;
	};
};

local command_nodes = {};
for node in pairs(commands) do command_nodes[#command_nodes + 1] = node; end
table.sort(command_nodes);

-- ## How long it gets, as it is sent

-- What a row takes besides its texts. An empty cell would be written shorter.
local one_letter_each = { jid = "-"; uri = "-"; title = "-"; hue = "-" };
local function count_row_markup(columns)
	return #tostring(new_table("", columns, { one_letter_each })) - #tostring(new_table("", columns, {})) - #columns;
end

local hat_markup = #tostring(st.stanza("hat", { uri = ""; title = ""; hue = "" }));
local list_markup = count_row_markup(list_columns);
local list_assigned_markup = count_row_markup(list_assigned_columns);

-- Gives the length of a text as XML. Most hats have many wearers: each text is looked through once.
local function new_measure()
	local lengths = {};
	return function (text)
		local length = lengths[text] or #st.xml_escape(text);
		lengths[text] = length;
		return length;
	end
end

-- With so much markup around each of these hats. Those that are not active count too: assigning makes them so.
local function count_bytes(hats, markup, measure)
	local bytes = 0;
	for uri, hat in pairs(hats) do
		local hue = hat.hue and #tostring(hat.hue) or 0;
		bytes = bytes + markup + measure(uri) + measure(shown_title(uri, hat)) + hue;
	end
	return bytes;
end

-- Whether a plan makes something longer than it may be. What is so already may get shorter step by step.
local function makes_too_long(room, plan)
	local measure = new_measure();
	local function exceeds(limit, after, before, markup)
		local bytes = count_bytes(after, markup, measure);
		return bytes > limit and bytes > count_bytes(before, markup, measure);
	end
	local function count_assigned_bytes(jid, hats)
		return count_bytes(hats, list_assigned_markup + measure(jid), measure);
	end

	if plan.catalogue and exceeds(max_hats_bytes, plan.catalogue, get_catalogue(room), list_markup) then return true; end
	local growth = 0;
	for jid, hats in pairs(plan.hats) do
		local before = room:get_affiliation_data(jid, "hats") or {};
		if exceeds(max_hats_per_user_bytes, hats, before, hat_markup) then return true; end
		growth = growth + count_assigned_bytes(jid, hats) - count_assigned_bytes(jid, before);
	end
	if growth <= 0 then return false; end
	local bytes = growth;
	for jid, hats in each_owner_of_hats(room) do bytes = bytes + count_assigned_bytes(jid, hats); end
	return bytes > max_assigned_bytes;
end

-- Those of these hats that a presence takes. All of them, unless another module or an older release gave more.
local function fit_presence(rows)
	local measure, left, fitting = new_measure(), max_hats_per_user_bytes, {};
	for _, row in ipairs(rows) do
		local bytes = hat_markup + measure(row.uri) + measure(row.title) + #(row.hue or "");
		if bytes <= left then
			left = left - bytes;
			fitting[#fitting + 1] = row;
		end
	end
	return fitting;
end

-- ## Sessions: nothing is kept, the id itself proves that it was given to this requester for this command

local session_key = random_bytes(32);

local function sign_session(nonce, stanza)
	local bound_to = table.concat({ nonce; stanza.attr.from; stanza.attr.to; stanza.tags[1].attr.node }, "\0");
	return nonce.."."..hmac_sha256(session_key, bound_to, true):sub(1, 32);
end

local function new_session(stanza)
	return sign_session(new_id(), stanza);
end

local function is_own_session(sessionid, stanza)
	local nonce = sessionid:match("^([^.]+)%.");
	return nonce ~= nil and sessionid == sign_session(nonce, stanza);
end

-- ## Requests

-- For a room whose file cannot be read mod_muc has an empty one in its place, which knows no affiliations and is never saved:
-- it lacks the save() that mod_muc gives to each room that it keeps.
local function is_stand_in(room)
	return rawget(room, "save") == nil;
end

local function find_room(stanza)
	local room = get_room_from_jid(stanza.attr.to);
	if room == false or room and is_stand_in(room) then return nil, refusals.not_loaded; end
	if not room or room._data.destroyed then return nil, refusals.no_room; end
	return room;
end

local function may_manage_hats(room, jid)
	local affiliation = room:get_affiliation(jid);
	return affiliation == "owner" or affiliation == "admin";
end

local known_actions = { execute = true; complete = true; next = true; prev = true; cancel = true };

-- Refuses what XEP-0050 has an error for. The one stage there is has nothing before it, and nothing after it; "next"
-- is taken within a session all the same, since there are clients that know no other way to submit.
local function check_action(action, sessionid, stanza)
	if not known_actions[action] then return bad_request("malformed-action"); end
	if sessionid and not is_own_session(sessionid, stanza) then return bad_request("bad-sessionid"); end
	if action == "prev" or action == "next" and not sessionid then return bad_request("bad-action"); end
end

local function new_answer(stanza, status, sessionid, ...)
	local answer = st.reply(stanza)
		:tag("command", { xmlns = xmlns_commands; node = stanza.tags[1].attr.node; sessionid = sessionid; status = status });
	for _, child in ipairs { ... } do answer:add_child(child); end
	return answer:reset();
end

-- The answer to a command, and the plan of what it changes, if anything; or no answer and a refusal.
local function execute(command, room, stanza)
	local request = stanza.tags[1];
	local action, sessionid = request.attr.action or "execute", request.attr.sessionid;
	local refusal = check_action(action, sessionid, stanza);
	if refusal then return nil, refusal; end
	sessionid = sessionid or new_session(stanza);
	local form = request:get_child("x", xmlns_data_form);
	if action == "cancel" or form and form.attr.type == "cancel" then return new_answer(stanza, "canceled", sessionid); end

	if command.table then return new_answer(stanza, "completed", sessionid, command.table(room)); end
	if not form then
		local actions = st.stanza("actions", { execute = "complete" }):tag("complete"):reset();
		return new_answer(stanza, "executing", sessionid, actions, command.form(room));
	end
	local values, plan;
	values, refusal = read_form(command.fields, form);
	if values then plan, refusal = command.plan(room, values); end
	if not plan then return nil, refusal; end
	if plan.hats and makes_too_long(room, plan) then return nil, refusals.limit; end
	local note = st.stanza("note", { type = "info" }):text(plan.note);
	return new_answer(stanza, "completed", sessionid, note), plan.hats and plan;
end

local function handle_command(event)
	local stanza = event.stanza;
	local command = commands[stanza.tags[1].attr.node];
	if not command then return refuse(event, refusals.no_command); end
	local room, refusal = find_room(stanza);
	if not room then return refuse(event, refusal); end
	if not may_manage_hats(room, stanza.attr.from) then return refuse(event, refusals.forbidden); end
	local answer, outcome = execute(command, room, stanza);
	if not answer then return refuse(event, outcome); end
	answer_when_saved(room, event, answer, outcome);
	return true;
end

-- A low priority: another module's room commands come first.
module:hook("iq-set/bare/"..xmlns_commands..":command", handle_command, -1);

-- ## Discovery

module:hook("iq-get/bare/http://jabber.org/protocol/disco#items:query", function (event)
	local stanza = event.stanza;
	if stanza.tags[1].attr.node ~= xmlns_commands then return; end
	local room, refusal = find_room(stanza);
	if not room then return refuse(event, refusal); end
	if not may_manage_hats(room, stanza.attr.from) then return refuse(event, refusals.no_command); end
	local reply = st.reply(stanza):tag("query", { xmlns = "http://jabber.org/protocol/disco#items"; node = xmlns_commands });
	for _, node in ipairs(command_nodes) do
		reply:tag("item", { jid = room.jid; node = node; name = commands[node].name }):up();
	end
	event.origin.send(reply);
	return true;
end, -1);

module:hook("iq-get/bare/http://jabber.org/protocol/disco#info:query", function (event)
	local stanza = event.stanza;
	local node = stanza.tags[1].attr.node;
	local command = commands[node];
	if not command and node ~= xmlns_commands then return; end
	local room, refusal = find_room(stanza);
	if not room then return refuse(event, refusal); end
	if not may_manage_hats(room, stanza.attr.from) then return refuse(event, refusals.no_command); end
	local reply = st.reply(stanza):tag("query", { xmlns = "http://jabber.org/protocol/disco#info"; node = node });
	if command then
		reply:tag("identity", { category = "automation"; type = "command-node"; name = command.name }):up();
		reply:tag("feature", { var = xmlns_commands }):up():tag("feature", { var = xmlns_data_form }):up();
	else
		reply:tag("identity", { category = "automation"; type = "command-list"; name = "Room commands" }):up();
	end
	event.origin.send(reply);
	return true;
end, -1);

-- Anybody may ask what a room is, as often as they like. A catalogue is never changed but replaced: its hash stays true.
local hashes = setmetatable({}, { __mode = "k" });

-- Changes whenever a hat of the room is created, changed or destroyed, and says nothing else to who may not list them.
local function hash_catalogue(room)
	local catalogue = get_catalogue(room);
	if hashes[catalogue] then return hashes[catalogue]; end
	local parts = {};
	for _, row in ipairs(sorted_catalogue(room)) do
		parts[#parts + 1] = table.concat({ row.uri; row.title; row.hue or "" }, "\0");
	end
	hashes[catalogue] = sha1(table.concat(parts, "\0\0"), true);
	return hashes[catalogue];
end

-- After the features of mod_muc: Prosody 13 names the hats itself.
module:hook("muc-disco#info", function (event)
	local query = event.reply.tags[1];
	for _, feature in ipairs { xmlns_hats, xmlns_commands } do
		if not query:get_child_with_attr("feature", nil, "var", feature) then
			event.reply:tag("feature", { var = feature }):up();
		end
	end
	table.insert(event.form, { name = "hats#hash"; label = "Hats hash" });
	event.formdata["hats#hash"] = hash_catalogue(event.room);
end, -10);

-- ## Presence

local function new_hats(xmlns, rows)
	local hats = st.stanza("hats", { xmlns = xmlns });
	for _, row in ipairs(rows) do
		hats:tag("hat", { uri = row.uri; title = row.title; hue = row.hue }):up();
	end
	return hats;
end

-- COMPAT Prosody 0.12 and 13: mod_muc lets its occupants claim hats of the kind that it does not show itself (0.12 the newer, 13
-- the older), unless its table of filtered namespaces says otherwise. It does not ask below about every presence that it sends.
local filtered_namespaces = module:shared "muc/filtered-namespaces";
filtered_namespaces[xmlns_hats], filtered_namespaces[xmlns_hats_legacy] = true, true;

-- COMPAT Prosody 0.12 and 13: mod_muc has put hats in before, in no order and without hue, in the legacy namespace (0.12,
-- or 13 with muc_hats_compat) or in XEP-0317's (13). Ours take their place; the legacy ones stay where there were any.
module:hook("muc-build-occupant-presence", function (event)
	local presence = event.stanza;
	local has_legacy = presence:get_child("hats", xmlns_hats_legacy);
	presence:remove_children("hats", xmlns_hats):remove_children("hats", xmlns_hats_legacy);
	local bare_jid = event.occupant and event.occupant.bare_jid or event.bare_jid;
	local rows = fit_presence(sorted_active(event.room:get_affiliation_data(bare_jid, "hats") or {}));
	if not rows[1] then return; end
	presence:add_direct_child(new_hats(xmlns_hats, rows));
	if has_legacy then presence:add_direct_child(new_hats(xmlns_hats_legacy, rows)); end
end, -10);

-- ## Affiliations

-- mod_muc replaces all of somebody's affiliation data when their affiliation comes with a nick to reserve (0.12).
module:hook("muc-pre-set-affiliation", function (event)
	local hats = event.previous_data and event.previous_data.hats;
	if hats and event.data and not event.data.hats and may_wear(event.affiliation) then event.data.hats = hats; end
end);

-- It also drops all of it when an owner or admin gives up a reserved nick, and none of it when somebody is banned.
module:hook("muc-set-affiliation", function (event)
	local room, jid = event.room, event.jid;
	if not may_wear(event.affiliation) then leave_batch(room, jid); end
	local before, now = event.previous_data and event.previous_data.hats, room:get_affiliation_data(jid, "hats");
	if event.affiliation == "outcast" and now then
		put_hats(room, jid, nil);
		save(room);
	elseif may_wear(event.affiliation) and before and not now then
		put_hats(room, jid, before);
		save(room);
		show_again(room, { [jid] = true });
	end
end);

-- ## Rooms that were there before the module

-- They have features and commands that whoever is in them asked for in vain.
for room in live_rooms() do tell_of_configuration(room); end
