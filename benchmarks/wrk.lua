-- Sends prepared requests in turn and looks at every answer. Arguments: file of requests ("LENGTH\n" and so
-- many bytes, again and again), expected status, bytes that stand in every right body.
threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init(args)
  requests, next_one, wrong = {}, 0, 0
  wanted, expected = tonumber(args[2]), args[3] or ""
  local file = assert(io.open(args[1], "rb"))
  while true do
    local length = file:read("*n")
    if not length then break end
    file:read(1)
    requests[#requests + 1] = file:read(length)
  end
  file:close()
end

function request()
  next_one = next_one % #requests + 1
  return requests[next_one]
end

function response(status, headers, body)
  if status ~= wanted or not string.find(body, expected, 1, true) then wrong = wrong + 1 end
end

function done(summary, latency)
  local all_wrong = 0
  for _, thread in ipairs(threads) do all_wrong = all_wrong + thread:get("wrong") end
  local errors = summary.errors
  io.write(string.format('RESULT {"answers":%d,"us":%d,"wrong":%d,"failed":%d,"p50_us":%d,"p99_us":%d}\n',
    summary.requests, summary.duration, all_wrong,
    errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
