# Pairs on stdin, a sign each on stdout: RubyGems itself.
$stdin.each_line(chomp: true) do |line|
  a, b = line.split("\t")
  good = [a, b].all? { |text| Gem::Version.correct?(text) }
  puts good ? %w[< = >][(Gem::Version.new(a) <=> Gem::Version.new(b)) + 1] : "?"
end
