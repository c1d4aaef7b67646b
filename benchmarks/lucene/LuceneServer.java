import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.apache.lucene.analysis.core.WhitespaceAnalyzer;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.NumericDocValuesField;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.MultiDocValues;
import org.apache.lucene.index.NumericDocValues;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.PhraseQuery;
import org.apache.lucene.search.PrefixQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.search.TopScoreDocCollector;
import org.apache.lucene.store.FSDirectory;

/**
 * Lucene behind lines of text: one command a line on standard input, tab-separated.
 *
 * <pre>
 * index FOLDER MEMORY_MB MERGED   then one line of tokens a document, to the end of input
 * open FOLDER
 * search KIND K TOKENS            answers: nanoseconds, tab, document numbers
 * add NUMBER TOKENS               durable and visible when it answers
 * </pre>
 */
public final class LuceneServer {
  private static final String BODY = "body";
  private static final String NUMBER = "number";

  private FSDirectory directory;
  private IndexWriter writer;
  private DirectoryReader reader;
  private IndexSearcher searcher;

  public static void main(String[] arguments) throws IOException {
    var input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    var output = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    var server = new LuceneServer();
    for (String line = input.readLine(); line != null; line = input.readLine()) {
      String[] words = line.split("\t", -1);
      switch (words[0]) {
        case "index" -> index(words, input);
        case "open" -> server.open(words[1]);
        case "search" -> output.println(server.search(words));
        case "add" -> output.println(server.add(Integer.parseInt(words[1]), words[2]));
        default -> throw new IllegalArgumentException(line);
      }
    }
  }

  private static IndexWriterConfig config(double memory) {
    return new IndexWriterConfig(new WhitespaceAnalyzer()).setRAMBufferSizeMB(memory);
  }

  private static Document document(int number, String tokens) {
    var document = new Document();
    document.add(new NumericDocValuesField(NUMBER, number));
    document.add(new TextField(BODY, tokens, Field.Store.NO));
    return document;
  }

  private static void index(String[] words, BufferedReader input) throws IOException {
    try (var directory = FSDirectory.open(Path.of(words[1]));
        var writer = new IndexWriter(directory, config(Double.parseDouble(words[2])))) {
      int number = 0;
      for (String line = input.readLine(); line != null; line = input.readLine()) {
        writer.addDocument(document(number++, line));
      }
      if (Boolean.parseBoolean(words[3])) {
        writer.forceMerge(1);
      }
      writer.commit();
    }
  }

  private void open(String folder) throws IOException {
    directory = FSDirectory.open(Path.of(folder));
    show(DirectoryReader.open(directory));
  }

  private void show(DirectoryReader opened) {
    reader = opened;
    searcher = new IndexSearcher(reader);
    searcher.setQueryCache(null); // the same queries come again: it would answer from memory
  }

  private String add(int number, String tokens) throws IOException {
    if (writer == null) {
      writer = new IndexWriter(directory, config(16));
    }
    writer.addDocument(document(number, tokens));
    writer.commit();
    DirectoryReader newer = DirectoryReader.openIfChanged(reader);
    if (newer != null) {
      reader.close();
      show(newer);
    }
    return "added";
  }

  private String search(String[] words) throws IOException {
    int k = Integer.parseInt(words[2]);
    String[] tokens = words[3].split(" ");
    long start = System.nanoTime();
    // Counting stops at k: only the best are asked for.
    var manager = TopScoreDocCollector.createSharedManager(k, null, k);
    ScoreDoc[] hits = searcher.search(query(words[1], tokens), manager).scoreDocs;
    var answer = new StringBuilder().append(System.nanoTime() - start).append('\t');
    java.util.Arrays.sort(hits, (left, right) -> Integer.compare(left.doc, right.doc));
    NumericDocValues numbers = MultiDocValues.getNumericValues(reader, NUMBER);
    for (ScoreDoc hit : hits) {
      numbers.advanceExact(hit.doc);
      answer.append(numbers.longValue()).append(' ');
    }
    return answer.toString();
  }

  private static Query query(String kind, String[] tokens) {
    if (kind.equals("phrase")) {
      return new PhraseQuery(BODY, tokens);
    }
    if (kind.equals("prefix")) {
      return new PrefixQuery(new Term(BODY, tokens[0]));
    }
    if (tokens.length == 1) {
      return new TermQuery(new Term(BODY, tokens[0]));
    }
    var all = new BooleanQuery.Builder();
    for (String token : tokens) {
      all.add(new TermQuery(new Term(BODY, token)), kind.equals("and") ? Occur.MUST : Occur.SHOULD);
    }
    return all.build();
  }
}
