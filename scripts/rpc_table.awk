# From lines TRANSPORT|PEERS|CASE|FIGURE|PERCENT to the tables of scripts/bench rpc. Of each the median counts.

{
  key = $1 "|" $2 "|" $3
  figures[key] = figures[key] " " $4
  arrived[key] = arrived[key] " " $5
}

function median(list, numbers, count, i, j, held) {
  count = split(list, numbers, " ")
  for (i = 2; i <= count; i++) {
    held = numbers[i] + 0
    for (j = i - 1; j >= 1 && numbers[j] + 0 > held; j--) numbers[j + 1] = numbers[j]
    numbers[j + 1] = held
  }
  return numbers[int((count + 1) / 2)] + 0
}

# What an RPC costs over a transport, above what costs the rest, in microseconds.
function cost(transport, peers, what, floor) {
  floor = (median(figures["offline|1|cpu " what]) + peers * median(figures["offline|1|idle"])) / peers
  return (median(figures[transport "|" peers "|cpu " what]) - floor) / 1000
}

function bar(ratio, is_met) {
  return sprintf("%.2f | %s", ratio, is_met ? "met" : "**missed**")
}

END {
  loads = split("unreliable 32|unreliable 512|reliable 32|reliable 512", load, "|")
  print "| CPU of an RPC, us | peers | ENet | Samovar | of ENet's, at most 1.0 | |"
  print "|---|--:|--:|--:|--:|---|"
  for (peers = 1; peers <= 8; peers += 7)
    for (i = 1; i <= loads; i++) {
      enet = cost("enet", peers, load[i])
      samovar = cost("samovar", peers, load[i])
      ratio = samovar / enet
      printf "| %s B | %d | %.2f | %.2f | %s |\n", load[i], peers, enet, samovar, bar(ratio, ratio <= 1)
    }
  print ""
  print "| RPCs a second, to one peer | ENet | of those sent, arrived | Samovar | of those sent, arrived | of ENet's, at least 1.0 | |"
  print "|---|--:|--:|--:|--:|--:|---|"
  for (i = 1; i <= loads; i++) {
    one = "enet|1|rate " load[i]
    other = "samovar|1|rate " load[i]
    ratio = median(figures[other]) / median(figures[one])
    printf "| %s B | %.0f | %.0f %% | %.0f | %.0f %% | %s |\n", load[i], median(figures[one]), median(arrived[one]), \
      median(figures[other]), median(arrived[other]), bar(ratio, ratio >= 1)
  }
  print ""
  print "| | ENet | Samovar |"
  print "|---|--:|--:|"
  printf "| frames of a round trip | %.2f | %.2f |\n", median(figures["enet|1|round_trip_frames"]), median(figures["samovar|1|round_trip_frames"])
  printf "| CPU of a node of 200 that MultiplayerSynchronizer sends in each frame, all of both ends, us | %.2f | %.2f |\n", \
    median(figures["enet|1|synchronizers"]) / 1000, median(figures["samovar|1|synchronizers"]) / 1000
}
